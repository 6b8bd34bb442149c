package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.expr.EngineCompute;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.select.CandidatePool;
import dev.plumbline.engine.select.ClipEmbedder;
import dev.plumbline.engine.select.Embedder;
import dev.plumbline.engine.select.MiningListener;
import dev.plumbline.engine.select.MiningSetup;
import dev.plumbline.engine.select.Pool;
import dev.plumbline.engine.select.PoolBuilder;
import dev.plumbline.engine.select.PoolListener;
import dev.plumbline.server.store.ModelChoice;
import dev.plumbline.server.store.PoolRecord;
import dev.plumbline.server.store.PoolStore;
import dev.plumbline.server.store.SelectionChoice;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Pools as a selection names them, and the CLIP models that embed them. */
@Singleton
public final class Sources {
    private static final int SHOWN = 12;

    private final PoolService pools;
    private final PoolStore store;
    private final KnownModels models;
    private final EngineRuntime engine;

    /** Folders' pools, which are brought up to date whenever they are used. */
    private final OneAtATime folders = new OneAtATime();

    public Sources(PoolService pools, PoolStore store, KnownModels models, EngineRuntime engine) {
        this.pools = pools;
        this.store = store;
        this.models = models;
        this.engine = engine;
    }

    /**
     * A pool that is held until it is closed.
     *
     * @param clip name of the CLIP model, empty where there is none
     */
    record OpenSource(MiningSetup.Source source, String clip, AutoCloseable held)
            implements AutoCloseable {
        @Override
        public void close() {
            Closing.close(held);
        }
    }

    /** Checks that the pool is there and large enough, and says which CLIP model it takes. */
    SelectionChoice prepare(SelectionChoice choice, SelectionFields fields) {
        try {
            ModelChoice clip =
                    choice.clip().isGiven()
                            ? models.findClip(choice.clip(), fields.of("clip"))
                            : ModelChoice.NONE;
            if (isNamed(choice)) {
                PoolRecord pool = pools.find(choice.pool(), fields.of("pool"));
                requireEnough(pool.facts().images(), choice.k());
                if (!clip.isGiven()) {
                    return choice.withClip(pool.origin().clip());
                }
                try (ClipLease lease = models.pinClip(clip, fields.of("clip"))) {
                    requireSame(pool, lease, fields);
                }
                return choice.withClip(clip);
            }
            Pool pool = CandidatePool.images(folder(choice, fields));
            requireEnough(pool.size(), choice.k());
            return choice.withClip(clip);
        } catch (PlumblineException e) {
            throw fields.at(e);
        }
    }

    /** Opens a pool; a folder that a CLIP model is given for is embedded first. */
    OpenSource open(SelectionChoice choice, SelectionFields fields, MiningListener listener) {
        var held = new Closing();
        try {
            return open(choice, fields, listener, held);
        } catch (RuntimeException | Error e) {
            held.close();
            throw e;
        }
    }

    private OpenSource open(
            SelectionChoice choice, SelectionFields fields, MiningListener listener, Closing held) {
        var compute = EngineCompute.inUse(engine.runtime());
        if (!isNamed(choice) && !choice.clip().isGiven()) {
            Pool pool = CandidatePool.images(folder(choice, fields));
            return new OpenSource(
                    new MiningSetup.Source(pool, Optional.empty(), compute), "", held);
        }
        ModelChoice clip = clip(choice, fields);
        ClipLease lease = held.hold(models.pinClip(clip, fields.of("clip")));
        var embedder = new ClipEmbedder(lease.model());
        CandidatePool candidates =
                isNamed(choice)
                        ? open(pools.find(choice.pool(), fields.of("pool")), lease, fields, held)
                        : open(folder(choice, fields), clip, lease, fields, listener, held);
        var source = new MiningSetup.Source(candidates, Optional.of(embedder), compute);
        return new OpenSource(source, clip.name(), held);
    }

    private CandidatePool open(
            PoolRecord pool, ClipLease lease, SelectionFields fields, Closing held) {
        held.hold(pools.use(pool.origin().id()));
        requireSame(pool, lease, fields);
        return CandidatePool.open(pools.folder(pool));
    }

    private ModelChoice clip(SelectionChoice choice, SelectionFields fields) {
        return choice.clip().isGiven()
                ? choice.clip()
                : pools.find(choice.pool(), fields.of("pool")).origin().clip();
    }

    /** A folder's pool has a name made of the folder's path and the model. */
    private CandidatePool open(
            Path folder,
            ModelChoice clip,
            ClipLease lease,
            SelectionFields fields,
            MiningListener listener,
            Closing held) {
        var embedder = new ClipEmbedder(lease.model());
        String id =
                "folder-"
                        + ContentDigests.of(folder + "\n" + embedder.digest()).substring(0, SHOWN);
        return folders.on(
                id,
                listener.cancellation(),
                () -> open(embedded(id, folder, clip, embedder, listener), lease, fields, held));
    }

    private PoolRecord embedded(
            String id, Path folder, ModelChoice clip, Embedder embedder, MiningListener listener) {
        var heard =
                new PoolListener() {
                    @Override
                    public void progress(Progress now) {
                        listener.progress(now.phase(), now.done(), now.total());
                    }

                    @Override
                    public Cancellation cancellation() {
                        return listener.cancellation();
                    }
                };
        var builder = new PoolBuilder(store.folder(id), embedder, heard);
        return pools.build(id, clip, builder, PoolBuilder.Wanted.all(folder));
    }

    private static void requireSame(PoolRecord pool, ClipLease lease, SelectionFields fields) {
        String wanted = pool.facts().clipDigest();
        String given = new ClipEmbedder(lease.model()).digest();
        if (!wanted.equals(given)) {
            throw new PlumblineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "CLIP_MISMATCH",
                    "%s was embedded by another CLIP model (%s, from %s) than %s (%s): leave %s out, or make a pool with it"
                            .formatted(
                                    pool.name(),
                                    wanted.substring(0, SHOWN),
                                    pool.origin().clip().folder(),
                                    lease.served().name(),
                                    given.substring(0, SHOWN),
                                    fields.of("clip")),
                    Map.of(
                            "pool", pool.name(),
                            "clip", lease.served().name(),
                            "pool_clip_digest", wanted,
                            "clip_digest", given,
                            "field", fields.of("clip")));
        }
    }

    private static boolean isNamed(SelectionChoice choice) {
        return choice.pool().startsWith(PoolService.COLLECTION + "/");
    }

    private static Path folder(SelectionChoice choice, SelectionFields fields) {
        return Paths.of(choice.pool(), fields.of("pool"));
    }

    private static void requireEnough(int size, int k) {
        if (k > size) {
            throw PlumblineException.invalid(
                    "k",
                    "POOL_TOO_SMALL",
                    "k is %d, the pool has %d images".formatted(k, size),
                    Map.of("k", Integer.toString(k), "images", Integer.toString(size)));
        }
    }
}
