package dev.plumbline.server.service;

import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.select.MiningListener;
import dev.plumbline.server.store.OperationOutcome;
import dev.plumbline.server.store.OperationTask;
import jakarta.inject.Singleton;
import java.nio.file.Path;

/** Who does which long work. */
@Singleton
public final class OperationJobs {
    private final MiningJob mining;
    private final PoolService pools;
    private final SamplingJob sampling;

    public OperationJobs(MiningJob mining, PoolService pools, SamplingJob sampling) {
        this.mining = mining;
        this.pools = pools;
        this.sampling = sampling;
    }

    /**
     * What a job is given of its operation.
     *
     * @param folder of the operation's own, kept until it has ended
     */
    record Assignment(String id, Path folder, Progress progress, Cancellation cancellation) {
        /** Hears of the choosing of negatives. */
        MiningListener miningListener() {
            return new MiningListener() {
                @Override
                public void progress(String phase, long done, long total) {
                    progress.update(phase, done, total, 0);
                }

                @Override
                public Cancellation cancellation() {
                    return cancellation;
                }
            };
        }
    }

    /** Hears how far a job is. */
    interface Progress {
        /**
         * @param total 0 where it is not known
         */
        void update(String phase, long done, long total, long skipped);
    }

    /** Checks what can be checked at once, and names the models so that they are found again. */
    OperationTask prepare(OperationTask task) {
        return switch (task) {
            case OperationTask.Mining wanted -> mining.prepare(wanted);
            case OperationTask.Pool wanted -> pools.prepare(wanted);
            case OperationTask.Sampling wanted -> sampling.prepare(wanted);
        };
    }

    /** Does the work, or what another process left of it. */
    OperationOutcome run(OperationTask task, Assignment assignment) {
        return switch (task) {
            case OperationTask.Mining wanted -> mining.run(wanted, assignment);
            case OperationTask.Pool wanted -> pools.run(wanted, assignment);
            case OperationTask.Sampling wanted -> sampling.run(wanted, assignment);
        };
    }

    /** Takes away what work leaves that will not be finished. */
    void discard(OperationTask task, Assignment assignment) {
        if (task instanceof OperationTask.Mining wanted) {
            mining.discard(wanted, assignment);
        }
    }
}
