package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.store.AdapterRecord;
import dev.plumbline.server.store.AdapterStore;
import dev.plumbline.server.store.RunRecord;
import dev.plumbline.server.store.RunStore;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where adapters come from: folders of the server's disk, kept adapters, runs. */
@Singleton
public final class AdapterSources {
    private static final String RUNS = "runs";

    private final AdapterStore store;
    private final RunStore runs;

    public AdapterSources(AdapterStore store, RunStore runs) {
        this.store = store;
        this.runs = runs;
    }

    /**
     * A PEFT folder.
     *
     * @param kept the adapter whose own folder it is
     * @param field of the request that named it
     */
    record Source(Path folder, Optional<AdapterRecord> kept, String field) {
        /** Where it came from, for people. */
        String origin() {
            return kept.map(AdapterRecord::source).orElse(folder.toString());
        }

        /** An id for what comes from here. */
        String idea() {
            return kept.map(AdapterRecord::id).orElse(ResourceNames.idOf(folder, "adapter"));
        }
    }

    /**
     * @param name resource name of an adapter or a run; empty where there is a path
     * @param nameField of the request
     */
    Source find(String path, String name, String nameField) {
        if (name.isEmpty()) {
            return new Source(Paths.of(path, "path"), Optional.empty(), "path");
        }
        if (!path.isEmpty()) {
            throw PlumblineException.invalid(
                    nameField,
                    "SOURCE_TWICE",
                    "give a path or %s, not both".formatted(nameField),
                    Map.of("path", path, nameField, name));
        }
        return name.startsWith(RUNS + "/") ? ofRun(name, nameField) : ofAdapter(name, nameField);
    }

    private Source ofAdapter(String name, String field) {
        String id = ResourceNames.id(AdapterRegistry.COLLECTION, name, field);
        AdapterRecord record =
                store.adapter(id)
                        .orElseThrow(() -> {
                            List<String> names =
                                    store.adapters().stream().map(AdapterRecord::name).toList();
                            return ResourceNames.notFound("adapter", name, field, names);
                        });
        return new Source(store.files(record), Optional.of(record), field);
    }

    private Source ofRun(String name, String field) {
        String id = ResourceNames.id(RUNS, name, field);
        RunRecord run =
                runs.run(id)
                        .orElseThrow(() ->
                                new PlumblineException(
                                        ErrorCode.NOT_FOUND,
                                        "RUN_NOT_FOUND",
                                        "there is no run \"%s\": list the runs".formatted(name),
                                        Map.of("run", name, "field", field)));
        return new Source(run.output(), Optional.empty(), field);
    }
}
