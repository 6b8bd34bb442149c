package dev.plumbline.server.service;

import dev.plumbline.engine.data.PreferenceData;
import dev.plumbline.server.config.PlumblineConfig;
import dev.plumbline.server.store.DatasetRecord;
import dev.plumbline.server.store.DatasetStore;
import dev.plumbline.server.store.RowsChoice;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.Optional;

/** Preference rows: files on the server's disk, and data sets that it knows by name. */
@Startup
@Singleton
public final class Datasets {
    private static final String COLLECTION = "datasets";

    private final DatasetStore store;
    private final RowImports imports;
    private final PlumblineConfig.Limits limits;

    public Datasets(DatasetStore store, RowImports imports, PlumblineConfig config) {
        this.store = store;
        this.imports = imports;
        this.limits = config.limits();
    }

    @PostConstruct
    void sweep() {
        store.sweep();
    }

    /** Begins a data set that a client sends. */
    public DatasetUpload upload() {
        return new DatasetUpload(store, imports, limits);
    }

    public DatasetRecord get(String name) {
        return find(name, "name");
    }

    public Page<DatasetRecord> list(PageRequest request) {
        return Page.of(store.datasets(), DatasetRecord::name, request);
    }

    /** Rows that lie in the data set go with it; a file elsewhere stays. */
    public void delete(String name) {
        store.delete(find(name, "name").id());
    }

    /**
     * Where the rows lie.
     *
     * @param data resource name of a data set, or a file
     * @param field of the request that named it
     */
    Path file(String data, String field) {
        return data.startsWith(COLLECTION + "/") ? find(data, field).path() : Paths.of(data, field);
    }

    /**
     * The rows, read when they are asked for; a refusal names file, line and field.
     *
     * @param choice what it leaves open, a data set of that name has settled
     */
    PreferenceData rows(String data, String field, RowsChoice choice) {
        boolean named = data.startsWith(COLLECTION + "/");
        RowsChoice settled = named ? choice.or(find(data, field).layout()) : choice;
        return imports.read(file(data, field), field, settled);
    }

    private DatasetRecord find(String name, String field) {
        String id = ResourceNames.checkedId(ResourceNames.id(COLLECTION, name, field), field);
        Optional<DatasetRecord> found = store.dataset(id);
        return found.orElseThrow(() ->
                ResourceNames.notFound(
                        "dataset",
                        name,
                        field,
                        store.datasets().stream().map(DatasetRecord::name).limit(5).toList()));
    }
}
