package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.MemoryEstimate;
import dev.plumbline.server.config.Folders;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Models by name. A folder of the same digest is loaded once, whatever its names. */
@Singleton
public final class ModelRegistry {
    static final String COLLECTION = "models";

    private final Folders folders;
    private final EngineRuntime engine;
    private final SharedModels shared;
    private final Map<String, ModelEntry> entries = new ConcurrentSkipListMap<>();
    private final List<Consumer<String>> unloadListeners = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final Object loading = new Object();

    public ModelRegistry(Folders folders, EngineRuntime engine, ServingSettings serving) {
        this.folders = folders;
        this.engine = engine;
        this.shared = new SharedModels(serving);
    }

    /**
     * Loads a folder, or finds it loaded.
     *
     * @param id last part of the name; empty takes the folder's, and any name of a model of the
     *     same digest
     */
    public ServedModel load(String path, String id) {
        Path folder = folder(path);
        String wanted = id.isEmpty() ? "" : ResourceNames.checkedId(id, "model_id");
        try {
            return load(folder, wanted);
        } catch (PlumblineException e) {
            throw e.field().isPresent() ? e : Failures.at(e, "path");
        }
    }

    private ServedModel load(Path folder, String wanted) {
        synchronized (loading) {
            if (!loadedFrom(folder)) {
                need(folder);
            }
            String digest = LoadedModel.digest(folder, folders.cache());
            Optional<ServedModel> there = named(digest, wanted);
            if (there.isPresent()) {
                return there.get();
            }
            String name = wanted.isEmpty() ? ResourceNames.idOf(folder, "model") : wanted;
            refuseOther(name, digest);
            return register(name, folder, digest);
        }
    }

    /**
     * What loading the folder would take.
     *
     * @throws PlumblineException {@code RESOURCE_EXHAUSTED} with both figures where it cannot fit
     */
    public MemoryEstimate need(Path folder) {
        MemoryEstimate estimate = estimate(folder);
        if (!estimate.fits()) {
            throw new PlumblineException(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    "MEMORY_INSUFFICIENT",
                    "%s needs %d bytes of memory, %d are available: unload a model or take a smaller one"
                            .formatted(folder, estimate.neededBytes(), estimate.availableBytes()),
                    Map.of(
                            "field", "path",
                            "path", folder.toString(),
                            "needed_bytes", Long.toString(estimate.neededBytes()),
                            "available_bytes", Long.toString(estimate.availableBytes())));
        }
        return estimate;
    }

    private static MemoryEstimate estimate(Path folder) {
        try {
            return LoadedModel.estimate(folder);
        } catch (PlumblineException e) {
            throw Failures.at(e, "path");
        }
    }

    /** The path of a request as a folder. */
    public static Path folder(String path) {
        return Paths.of(path, "path");
    }

    /** The resource name that a folder would get. */
    public static String nameFor(Path folder, String id) {
        String last =
                id.isEmpty()
                        ? ResourceNames.idOf(folder, "model")
                        : ResourceNames.checkedId(id, "model_id");
        return COLLECTION + "/" + last;
    }

    /**
     * The model for one call.
     *
     * @param field of the request that named it
     */
    public ModelLease lease(String name, String field) {
        return entry(name, field).lease().orElseThrow(() -> notFound(name, field));
    }

    /** The model for a run, during which it cannot be unloaded. */
    ModelLease pin(String name, String field) {
        return entry(name, field).pin().orElseThrow(() -> notFound(name, field));
    }

    public ServedModel get(String name) {
        return entry(name, "name").served();
    }

    /** All models, once those of the start are loaded. */
    public Page<ServedModel> list(PageRequest request) {
        awaitStart();
        List<ServedModel> all = entries.values().stream().map(ModelEntry::served).toList();
        return Page.of(all, ServedModel::name, request);
    }

    /**
     * Takes the name away at once and waits for the calls in flight.
     *
     * @throws PlumblineException {@code FAILED_PRECONDITION} while a run trains on it
     */
    public void unload(String name) {
        ModelEntry entry = entry(name, "name");
        CompletableFuture<Void> closed = entry.retire();
        entries.remove(ResourceNames.id(COLLECTION, name, "name"), entry);
        unloadListeners.forEach(l -> l.accept(entry.served().name()));
        closed.join();
    }

    /** Tells of each name that is taken away. */
    void onUnload(Consumer<String> listener) {
        unloadListeners.add(listener);
    }

    /** Says that the models of the start are there. */
    void startedUp() {
        started.complete(null);
    }

    /** Says that a model of the start could not be loaded; the server is about to end. */
    void startFailed(Throwable why) {
        started.completeExceptionally(why);
    }

    boolean isStartedUp() {
        return started.isDone() && !started.isCompletedExceptionally();
    }

    void close() {
        entries.clear();
        shared.close();
    }

    private Optional<ServedModel> named(String digest, String wanted) {
        return entries.values().stream()
                .map(ModelEntry::served)
                .filter(s -> s.model().digest().equals(digest))
                .filter(s -> wanted.isEmpty() || s.name().equals(COLLECTION + "/" + wanted))
                .findFirst();
    }

    private ServedModel register(String id, Path folder, String digest) {
        String name = COLLECTION + "/" + id;
        var model =
                shared.take(
                        digest, () -> LoadedModel.load(folder, folders.cache(), engine.runtime()));
        var entry = new ModelEntry(model.named(name), () -> shared.giveBack(digest));
        entries.put(id, entry);
        return entry.served();
    }

    private boolean loadedFrom(Path folder) {
        return entries.values().stream()
                .anyMatch(e -> Paths.same(e.served().model().folder(), folder));
    }

    private void refuseOther(String id, String digest) {
        ModelEntry other = entries.get(id);
        if (other != null && !other.served().model().digest().equals(digest)) {
            throw new PlumblineException(
                    ErrorCode.ALREADY_EXISTS,
                    "MODEL_EXISTS",
                    "models/%s is another model, from %s: give another model_id"
                            .formatted(id, other.served().model().folder()),
                    Map.of("model", COLLECTION + "/" + id, "field", "model_id"));
        }
    }

    private void awaitStart() {
        try {
            started.join();
        } catch (CompletionException e) {
            throw new PlumblineException(
                            ErrorCode.FAILED_PRECONDITION,
                            "SERVER_STOPPING",
                            "the server ends because a model of its start could not be loaded",
                            Map.of())
                    .causedBy(e);
        }
    }

    private ModelEntry entry(String name, String field) {
        String id = ResourceNames.id(COLLECTION, name, field);
        if (!entries.containsKey(id)) {
            awaitStart();
        }
        ModelEntry entry = entries.get(id);
        if (entry == null) {
            throw notFound(name, field);
        }
        return entry;
    }

    private PlumblineException notFound(String name, String field) {
        List<String> names = entries.keySet().stream().map(id -> COLLECTION + "/" + id).toList();
        return ResourceNames.notFound("model", name, field, names);
    }
}
