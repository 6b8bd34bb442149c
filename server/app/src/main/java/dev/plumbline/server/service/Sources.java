package dev.plumbline.server.service;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.select.ImagePool;
import dev.plumbline.engine.select.MiningListener;
import dev.plumbline.engine.select.MiningSetup;
import dev.plumbline.engine.select.NoCompute;
import dev.plumbline.engine.select.Pool;
import dev.plumbline.server.store.SelectionChoice;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Optional;

/** Pools as a selection names them, and the CLIP models that embed them. */
@Singleton
public final class Sources {
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

    /** Checks that the pool is there and large enough. */
    SelectionChoice prepare(SelectionChoice choice, SelectionFields fields) {
        try {
            requireEnough(ImagePool.folder(Paths.of(choice.pool(), fields.of("pool"))), choice.k());
            return choice;
        } catch (PlumblineException e) {
            throw fields.at(e);
        }
    }

    private static void requireEnough(Pool pool, int k) {
        if (k > pool.size()) {
            throw PlumblineException.invalid(
                    "k",
                    "POOL_TOO_SMALL",
                    "k is %d, the pool has %d images".formatted(k, pool.size()),
                    Map.of("k", Integer.toString(k), "images", Integer.toString(pool.size())));
        }
    }

    /** Opens a pool. */
    OpenSource open(SelectionChoice choice, SelectionFields fields, MiningListener listener) {
        Pool pool = ImagePool.folder(Paths.of(choice.pool(), fields.of("pool")));
        return new OpenSource(
                new MiningSetup.Source(pool, Optional.empty(), new NoCompute()), "", () -> {});
    }
}
