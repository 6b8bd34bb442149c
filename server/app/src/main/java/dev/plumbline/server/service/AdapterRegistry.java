package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoraAdapter;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Adapters by name. A name changes from one adapter to the next at once: calls in flight end with
 * the one they began with.
 */
@Singleton
public final class AdapterRegistry {
    private static final String COLLECTION = "adapters";

    private final ModelRegistry models;
    private final Map<String, ServedAdapter> adapters = new ConcurrentSkipListMap<>();

    public AdapterRegistry(ModelRegistry models) {
        this.models = models;
        models.onUnload(name -> adapters.values().removeIf(a -> a.model().equals(name)));
    }

    /**
     * Loads a PEFT folder for a model, or finds it loaded.
     *
     * @param id last part of the name, whose adapter is replaced if it has one; empty takes the
     *     folder's, numbered if need be, or any name of an adapter of the same digest
     */
    public ServedAdapter load(String model, String path, String id) {
        Path folder = Paths.of(path, "path");
        String wanted = id.isEmpty() ? "" : ResourceNames.checkedId(id, "adapter_id");
        try (ModelLease lease = models.lease(model, "model")) {
            LoraAdapter adapter = read(lease.served(), folder);
            return register(lease.served(), folder, adapter, wanted);
        }
    }

    public ServedAdapter get(String name) {
        return find(name, "name");
    }

    public Page<ServedAdapter> list(PageRequest request) {
        return Page.of(List.copyOf(adapters.values()), ServedAdapter::name, request);
    }

    public void unload(String name) {
        ServedAdapter adapter = find(name, "name");
        adapters.remove(ResourceNames.id(COLLECTION, name, "name"), adapter);
    }

    /**
     * The adapter for one call.
     *
     * @param name empty for the model alone
     */
    Optional<LoraAdapter> forCall(String name, ServedModel model) {
        if (name.isEmpty()) {
            return Optional.empty();
        }
        ServedAdapter adapter = find(name, "adapter");
        if (!adapter.modelDigest().equals(model.model().digest())) {
            throw new PlumblineException(
                    ErrorCode.INVALID_ARGUMENT,
                    "ADAPTER_OF_ANOTHER_MODEL",
                    "%s was loaded for %s, not for %s: load it for that model"
                            .formatted(adapter.name(), adapter.model(), model.name()),
                    Map.of(
                            "adapter", adapter.name(),
                            "adapter_model", adapter.model(),
                            "model", model.name(),
                            "field", "adapter"));
        }
        return Optional.of(adapter.adapter());
    }

    private static LoraAdapter read(ServedModel model, Path folder) {
        try {
            return LoraAdapter.read(model.model(), folder);
        } catch (PlumblineException e) {
            throw Failures.at(e, "path");
        }
    }

    private synchronized ServedAdapter register(
            ServedModel model, Path folder, LoraAdapter adapter, String wanted) {
        Optional<ServedAdapter> same = wanted.isEmpty() ? same(model, adapter) : Optional.empty();
        if (same.isPresent()) {
            return same.get();
        }
        String id = wanted.isEmpty() ? freeId(model, folder) : wanted;
        refuseOther(adapters.get(id), model);
        var served =
                new ServedAdapter(
                        COLLECTION + "/" + id,
                        model.name(),
                        model.model().digest(),
                        folder,
                        adapter);
        adapters.put(id, served);
        return served;
    }

    private Optional<ServedAdapter> same(ServedModel model, LoraAdapter adapter) {
        return adapters.values().stream()
                .filter(a -> a.model().equals(model.name()))
                .filter(a -> a.adapter().digest().equals(adapter.digest()))
                .findFirst();
    }

    /** The folder's name, numbered where an adapter of another folder has it. */
    private String freeId(ServedModel model, Path folder) {
        String base = ResourceNames.idOf(folder, "adapter");
        String id = base;
        for (int number = 2; isTaken(id, model, folder); number++) {
            id = base.substring(0, Math.min(base.length(), 55)) + "-" + number;
        }
        return id;
    }

    /** What was trained anew in the same folder takes its old name. */
    private boolean isTaken(String id, ServedModel model, Path folder) {
        ServedAdapter old = adapters.get(id);
        return old != null && !(old.path().equals(folder) && old.model().equals(model.name()));
    }

    private static void refuseOther(@Nullable ServedAdapter old, ServedModel model) {
        if (old != null && !old.model().equals(model.name())) {
            throw new PlumblineException(
                    ErrorCode.ALREADY_EXISTS,
                    "ADAPTER_EXISTS",
                    "%s is an adapter for %s: give another adapter_id"
                            .formatted(old.name(), old.model()),
                    Map.of("adapter", old.name(), "field", "adapter_id"));
        }
    }

    private ServedAdapter find(String name, String field) {
        ServedAdapter adapter = adapters.get(ResourceNames.id(COLLECTION, name, field));
        if (adapter == null) {
            List<String> names = adapters.values().stream().map(ServedAdapter::name).toList();
            throw ResourceNames.notFound("adapter", name, field, names);
        }
        return adapter;
    }
}
