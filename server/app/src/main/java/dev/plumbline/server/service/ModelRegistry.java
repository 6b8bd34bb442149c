package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoadOptions;
import dev.plumbline.engine.model.MemoryEstimate;
import dev.plumbline.engine.tensor.Precision;
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
    private static final int LONGEST_ID = 63;

    private final Folders folders;
    private final EngineRuntime engine;
    private final ServingSettings serving;
    private final ReferenceCaches references;
    private final SharedModels shared = new SharedModels();
    private final Map<String, ModelEntry> entries = new ConcurrentSkipListMap<>();
    private final List<Consumer<String>> unloadListeners = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final Object loading = new Object();

    public ModelRegistry(
            Folders folders,
            EngineRuntime engine,
            ServingSettings serving,
            ReferenceCaches references) {
        this.references = references;
        this.folders = folders;
        this.engine = engine;
        this.serving = serving;
    }

    /**
     * Loads a folder, or finds it loaded.
     *
     * @param id last part of the name; empty takes the folder's, and any name of a model of the
     *     same digest
     */
    public Hosted load(String path, String id, LoadOptions options) {
        Path folder = folder(path);
        String wanted = id.isEmpty() ? "" : ResourceNames.checkedId(id, "model_id");
        try {
            return load(new ModelFolder(folder, folders.cache(), options), wanted);
        } catch (PlumblineException e) {
            throw e.field().isPresent() ? e : Failures.at(e, "path");
        }
    }

    private Hosted load(ModelFolder wanted, String id) {
        synchronized (loading) {
            wanted.requireOffered();
            String name = id.isEmpty() ? freeId(wanted.folder(), wanted.options()) : id;
            ModelFolder told = wanted.heardBy(new LoadLog(COLLECTION + "/" + name));
            if (entries.values().stream().noneMatch(e -> told.isOrigin(e.served()))) {
                told.estimate().requireFits(told.folder());
            }
            String digest = told.digest();
            Optional<Hosted> there = named(digest, id);
            if (there.isPresent()) {
                return there.get();
            }
            refuseOther(name, digest);
            return register(name, digest, told);
        }
    }

    /**
     * What loading the folder would take.
     *
     * @throws PlumblineException {@code RESOURCE_EXHAUSTED} with all figures where it cannot fit
     */
    public MemoryEstimate need(Path folder, LoadOptions options) {
        try {
            MemoryEstimate estimate = new ModelFolder(folder, folders.cache(), options).estimate();
            estimate.requireFits(folder);
            return estimate;
        } catch (PlumblineException e) {
            throw Failures.at(e, "path");
        }
    }

    /** The path of a request as a folder. */
    public static Path folder(String path) {
        return Paths.of(path, "path");
    }

    /** The resource name that a folder would get. */
    public static String nameFor(Path folder, String id, LoadOptions options) {
        String last =
                id.isEmpty() ? freeId(folder, options) : ResourceNames.checkedId(id, "model_id");
        return COLLECTION + "/" + last;
    }

    /** Other precisions than the usual one have a name of their own. */
    private static String freeId(Path folder, LoadOptions options) {
        String suffix =
                options.precision() == Precision.FP32 ? "" : "-" + options.precision().text();
        String id = ResourceNames.idOf(folder, "model");
        return id.substring(0, Math.min(id.length(), LONGEST_ID - suffix.length())) + suffix;
    }

    /**
     * The model for one call.
     *
     * @param field of the request that named it
     * @throws PlumblineException {@code MODEL_NOT_FOUND}, {@code MODEL_IS_CLIP}
     */
    public ModelLease lease(String name, String field) {
        ModelEntry entry = entry(name, field);
        ServedModel served = answering(entry, field);
        return new ModelLease(served, entry.lease().orElseThrow(() -> notFound(name, field)));
    }

    /** The model for a run, during which it cannot be unloaded. */
    ModelLease pin(String name, String field) {
        ModelEntry entry = entry(name, field);
        ServedModel served = answering(entry, field);
        return new ModelLease(served, entry.pin().orElseThrow(() -> notFound(name, field)));
    }

    /**
     * A CLIP model for one call.
     *
     * @param field of the request that named it
     * @throws PlumblineException {@code MODEL_NOT_FOUND}, {@code MODEL_NOT_CLIP}
     */
    public ClipLease leaseClip(String name, String field) {
        ModelEntry entry = entry(name, field);
        ServedClip served = clip(entry, field);
        return new ClipLease(served, entry.lease().orElseThrow(() -> notFound(name, field)));
    }

    /** A CLIP model for long work, during which it cannot be unloaded. */
    ClipLease pinClip(String name, String field) {
        ModelEntry entry = entry(name, field);
        ServedClip served = clip(entry, field);
        return new ClipLease(served, entry.pin().orElseThrow(() -> notFound(name, field)));
    }

    private static ServedModel answering(ModelEntry entry, String field) {
        return switch (entry.served()) {
            case ServedModel served -> served;
            case ServedClip clip ->
                    throw refused(
                            clip,
                            field,
                            "MODEL_IS_CLIP",
                            "a CLIP model, which only embeds: name a model that answers");
        };
    }

    private static ServedClip clip(ModelEntry entry, String field) {
        return switch (entry.served()) {
            case ServedClip clip -> clip;
            case ServedModel served ->
                    throw refused(
                            served,
                            field,
                            "MODEL_NOT_CLIP",
                            "no CLIP model: name one, or load a folder of one");
        };
    }

    private static PlumblineException refused(
            Hosted hosted, String field, String reason, String what) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                reason,
                "%s is %s".formatted(hosted.name(), what),
                Map.of("model", hosted.name(), "field", field));
    }

    public Hosted get(String name) {
        return entry(name, "name").served();
    }

    /** All models, once those of the start are loaded. */
    public Page<Hosted> list(PageRequest request) {
        awaitStart();
        List<Hosted> all = entries.values().stream().map(ModelEntry::served).toList();
        return Page.of(all, Hosted::name, request);
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

    /** Does something when the models of the start are there, or now if they are. */
    void onceStartedUp(Runnable action) {
        var _ = started.thenRun(action);
    }

    boolean isStartedUp() {
        return started.isDone() && !started.isCompletedExceptionally();
    }

    void close() {
        entries.clear();
        shared.close();
        references.close();
    }

    private Optional<Hosted> named(String digest, String wanted) {
        return entries.values().stream()
                .map(ModelEntry::served)
                .filter(s -> s.digest().equals(digest))
                .filter(s -> wanted.isEmpty() || s.name().equals(COLLECTION + "/" + wanted))
                .findFirst();
    }

    private Hosted register(String id, String digest, ModelFolder folder) {
        Hosted hosted =
                shared.take(digest, () -> folder.load(engine.runtime(), serving, references));
        Hosted named = hosted.named(COLLECTION + "/" + id);
        entries.put(id, new ModelEntry(named, () -> shared.giveBack(digest)));
        return named;
    }

    private void refuseOther(String id, String digest) {
        ModelEntry other = entries.get(id);
        if (other != null && !other.served().digest().equals(digest)) {
            throw new PlumblineException(
                    ErrorCode.ALREADY_EXISTS,
                    "MODEL_EXISTS",
                    "models/%s is another model, from %s: give another model_id"
                            .formatted(id, other.served().folder()),
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
