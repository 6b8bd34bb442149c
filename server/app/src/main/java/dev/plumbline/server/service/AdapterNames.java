package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.server.service.AdapterProofs.Candidate;
import dev.plumbline.server.store.AdapterRecord;
import dev.plumbline.server.store.AdapterRecord.Use;
import dev.plumbline.server.store.AdapterStore;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who is behind an adapter's name: those that are kept on disk, and of them and the temporary ones
 * those that are in memory. One that was loaded before a restart is read again by the first call
 * that names it. Changes are made by one thread at a time, which holds this object's lock.
 */
@Singleton
final class AdapterNames {
    private final AdapterStore store;
    private final AdapterProofs proofs;
    private final Map<String, ServedAdapter> served = new ConcurrentHashMap<>();

    AdapterNames(AdapterStore store, AdapterProofs proofs, ModelRegistry models) {
        this.store = store;
        this.proofs = proofs;
        models.onUnload(name -> served.values().removeIf(a -> a.use().model().equals(name)));
    }

    Optional<AdapterRecord> find(String id) {
        return inMemory(id).map(ServedAdapter::record).or(() -> store.adapter(id));
    }

    /**
     * @param field of the request that named it
     */
    AdapterRecord get(String name, String field) {
        return find(ResourceNames.id(AdapterRegistry.COLLECTION, name, field))
                .orElseThrow(() -> {
                    List<String> names = all().stream().map(AdapterRecord::name).toList();
                    return ResourceNames.notFound("adapter", name, field, names);
                });
    }

    Optional<ServedAdapter> inMemory(String id) {
        return Optional.ofNullable(served.get(id));
    }

    List<AdapterRecord> all() {
        List<AdapterRecord> all = new ArrayList<>(store.adapters());
        served.values().stream()
                .map(ServedAdapter::record)
                .filter(AdapterRecord::isTemporary)
                .forEach(all::add);
        return all;
    }

    void put(ServedAdapter adapter) {
        served.put(adapter.record().id(), adapter);
    }

    void remove(String id) {
        served.remove(id);
    }

    /** The adapter for one call. */
    LoraAdapter forCall(String name, ServedModel model) {
        String id = ResourceNames.id(AdapterRegistry.COLLECTION, name, "adapter");
        ServedAdapter adapter = inMemory(id).orElseGet(() -> readAgain(id, name, model));
        requireSame(adapter.record(), adapter.use(), model);
        return adapter.adapter();
    }

    /** Whoever changes what a name stands for holds the same lock. */
    private synchronized ServedAdapter readAgain(String id, String name, ServedModel model) {
        Optional<ServedAdapter> meanwhile = inMemory(id);
        if (meanwhile.isPresent()) {
            return meanwhile.get();
        }
        AdapterRecord record = get(name, "adapter");
        Use use = record.use();
        if (use == null || !record.loaded()) {
            throw new PlumblineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "ADAPTER_NOT_LOADED",
                    "%s is kept, but not loaded: load it for a model".formatted(record.name()),
                    Map.of("adapter", record.name(), "field", "adapter"));
        }
        requireSame(record, use, model);
        Path folder = store.files(record);
        Candidate candidate = proofs.read(model, folder, "adapter");
        LoraAdapter adapter = proofs.fitted(model, candidate, folder, "adapter");
        if (!adapter.digest().equals(record.digest())) {
            throw new PlumblineException(
                    ErrorCode.DATA_LOSS,
                    "ADAPTER_CHANGED",
                    "the files of %s in %s are not those that were loaded: delete it, and load or upload it again"
                            .formatted(record.name(), folder),
                    Map.of("adapter", record.name(), "path", folder.toString()));
        }
        Use now = new Use(model.name(), use.modelDigest(), use.effect());
        var again = new ServedAdapter(record, now, candidate.match(), adapter);
        put(again);
        return again;
    }

    private static void requireSame(AdapterRecord adapter, Use use, ServedModel model) {
        if (use.modelDigest().equals(model.model().digest())) {
            return;
        }
        throw new PlumblineException(
                ErrorCode.INVALID_ARGUMENT,
                "ADAPTER_OF_ANOTHER_MODEL",
                "%s was loaded for %s, not for %s: load it for that model"
                        .formatted(adapter.name(), use.model(), model.name()),
                Map.of(
                        "adapter", adapter.name(),
                        "adapter_model", use.model(),
                        "model", model.name(),
                        "field", "adapter"));
    }
}
