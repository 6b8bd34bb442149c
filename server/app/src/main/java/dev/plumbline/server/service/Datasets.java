package dev.plumbline.server.service;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceRows;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.config.PlumblineConfig;
import dev.plumbline.server.store.DatasetRecord;
import dev.plumbline.server.store.DatasetStore;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Preference rows: files on the server's disk, and data sets that it knows by name. */
@Startup
@Singleton
public final class Datasets {
    private static final String COLLECTION = "datasets";

    private final DatasetStore store;
    private final PlumblineConfig.Limits limits;

    public Datasets(DatasetStore store, PlumblineConfig config) {
        this.store = store;
        this.limits = config.limits();
    }

    @PostConstruct
    void sweep() {
        store.sweep();
    }

    /** Begins a data set that a client sends. */
    public DatasetUpload upload() {
        return new DatasetUpload(store, limits);
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

    /** The rows; a refusal names file and line. */
    List<PreferenceExample> rows(String data, String field) {
        Path file = file(data, field);
        try {
            return PreferenceRows.read(file);
        } catch (PlumblineException e) {
            throw Failures.at(e, field);
        }
    }

    /** SHA-256 of the rows' file, in hexadecimal. */
    String digest(String data, String field) {
        Path file = file(data, field);
        try {
            return ContentDigests.of(file);
        } catch (IOException e) {
            throw PlumblineException.invalid(
                            field,
                            "DATA_NOT_FOUND",
                            "the data file %s cannot be read: %s".formatted(file, e.getMessage()),
                            Map.of("file", file.toString()))
                    .causedBy(e);
        }
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
