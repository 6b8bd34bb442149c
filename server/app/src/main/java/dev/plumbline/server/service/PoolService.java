package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.select.ClipEmbedder;
import dev.plumbline.engine.select.Embedder;
import dev.plumbline.engine.select.PoolBuilder;
import dev.plumbline.engine.select.PoolBuilder.Wanted;
import dev.plumbline.engine.select.PoolListener;
import dev.plumbline.server.service.OperationJobs.Assignment;
import dev.plumbline.server.store.ModelChoice;
import dev.plumbline.server.store.OperationOutcome;
import dev.plumbline.server.store.OperationTask;
import dev.plumbline.server.store.PoolOrigin;
import dev.plumbline.server.store.PoolRecord;
import dev.plumbline.server.store.PoolStore;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Pools by name: made and brought up to date, listed and deleted. */
@Singleton
public final class PoolService {
    static final String COLLECTION = "pools";

    private final PoolStore store;
    private final KnownModels models;

    /** How many use a pool just now. */
    private final Map<String, Integer> uses = new ConcurrentHashMap<>();

    public PoolService(PoolStore store, KnownModels models) {
        this.store = store;
        this.models = models;
    }

    public PoolRecord get(String name) {
        return find(name, "name");
    }

    public Page<PoolRecord> list(PageRequest request) {
        return Page.of(store.pools(), PoolRecord::name, request);
    }

    /**
     * Takes a pool away; the pictures that it was made from stay.
     *
     * @throws PlumblineException {@code POOL_IN_USE}
     */
    public void delete(String name) {
        String id = id(name, "name");
        if (store.origin(id).isEmpty()) {
            throw notFound(name, "name");
        }
        if (uses.containsKey(id)) {
            throw new PlumblineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "POOL_IN_USE",
                    "%s is in use: wait for the operations that use it, or cancel them"
                            .formatted(name),
                    Map.of("pool", name, "field", "name"));
        }
        store.delete(id);
    }

    /** Where a whole pool lies. */
    Path folder(PoolRecord pool) {
        return store.folder(pool.origin().id());
    }

    /** A whole pool. */
    PoolRecord find(String name, String field) {
        return store.pool(id(name, field)).orElseThrow(() -> notFound(name, field));
    }

    /** Keeps a pool from being deleted. */
    AutoCloseable use(String id) {
        uses.merge(id, 1, Integer::sum);
        return () -> uses.computeIfPresent(id, (key, count) -> count == 1 ? null : count - 1);
    }

    OperationTask.Pool prepare(OperationTask.Pool wanted) {
        if (wanted.poolId().isEmpty()) {
            throw PlumblineException.invalid("pool_id", "FIELD_MISSING", "pool_id must be given");
        }
        String id = ResourceNames.checkedId(wanted.poolId(), "pool_id");
        String path = Paths.of(wanted.path(), "path").toString();
        ModelChoice clip = models.findClip(wanted.clip(), "clip");
        String excludeFile =
                wanted.excludeFile().isEmpty()
                        ? ""
                        : Paths.of(wanted.excludeFile(), "exclude_file").toString();
        return new OperationTask.Pool(
                id, clip, path, wanted.exclude(), excludeFile, wanted.column());
    }

    OperationOutcome run(OperationTask.Pool task, Assignment assignment) {
        List<String> exclude = new ArrayList<>(task.exclude());
        if (!task.excludeFile().isEmpty()) {
            exclude.addAll(PoolBuilder.excluded(Path.of(task.excludeFile())));
        }
        var wanted = new Wanted(Path.of(task.path()), task.column(), exclude);
        try (ClipLease clip = models.pinClip(task.clip(), "clip")) {
            Embedder embedder = new ClipEmbedder(clip.model());
            return new OperationOutcome.Pooled(
                    build(
                            task.poolId(),
                            task.clip(),
                            new PoolBuilder(
                                    store.folder(task.poolId()), embedder, listener(assignment)),
                            wanted));
        }
    }

    /** Makes a pool, or brings it up to date. */
    PoolRecord build(String id, ModelChoice clip, PoolBuilder builder, Wanted wanted) {
        boolean fresh = store.origin(id).isEmpty();
        try (var use = new Closing()) {
            use.hold(use(id));
            if (fresh) {
                store.save(new PoolOrigin(id, clip, Instant.now()));
            }
            builder.build(wanted);
            return find(id, "pool_id");
        } catch (PlumblineException e) {
            if (fresh && e.code() == ErrorCode.INVALID_ARGUMENT) {
                // Nothing has been embedded.
                store.delete(id);
            }
            throw e;
        }
    }

    private static PoolListener listener(Assignment assignment) {
        return new PoolListener() {
            @Override
            public void progress(Progress now) {
                assignment.progress().update(now.phase(), now.done(), now.total(), now.skipped());
            }

            @Override
            public Cancellation cancellation() {
                return assignment.cancellation();
            }
        };
    }

    private static String id(String name, String field) {
        return ResourceNames.checkedId(ResourceNames.id(COLLECTION, name, field), field);
    }

    private PlumblineException notFound(String name, String field) {
        List<String> there = store.pools().stream().map(PoolRecord::name).limit(5).toList();
        return ResourceNames.notFound("pool", name, field, there);
    }
}
