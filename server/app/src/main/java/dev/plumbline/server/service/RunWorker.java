package dev.plumbline.server.service;

import dev.plumbline.engine.data.PreferenceRowsWriter;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.store.WorkState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** The one thread that trains; runs wait for it in the order of their creation. */
final class RunWorker {
    static final String STOPPED = "server stopped";

    private static final Logger LOG = Logger.getLogger(RunWorker.class);
    private static final int QUEUE = 1000;

    private final BoundedPool thread = new BoundedPool("training", 1, QUEUE);
    private final Map<LiveRun, Runnable> waiting = new ConcurrentHashMap<>();
    private volatile boolean stopping;

    /** Runs it when its turn has come. */
    void enqueue(LiveRun live, PreparedRun prepared) {
        Runnable task =
                () -> {
                    waiting.remove(live);
                    work(live, prepared);
                };
        waiting.put(
                live,
                () -> {
                    thread.remove(task);
                    prepared.close();
                });
        try {
            thread.execute(task);
        } catch (PlumblineException e) {
            waiting.remove(live);
            throw e;
        }
    }

    /** Takes the run out of the queue, if it is still there. */
    void withdraw(LiveRun live) {
        Runnable removal = waiting.remove(live);
        if (removal != null) {
            removal.run();
        }
    }

    /** From now on what ends was stopped by the server. */
    void stopping() {
        stopping = true;
    }

    void stop(Duration patience) {
        thread.stop(patience);
    }

    private void work(LiveRun live, PreparedRun prepared) {
        try (prepared) {
            if (stopping) {
                live.end(WorkState.FAILED, STOPPED);
            } else if (live.start()) {
                train(live, prepared);
                live.end(WorkState.SUCCEEDED, "");
            }
        } catch (PlumblineException e) {
            fail(live, e);
        } catch (Throwable e) {
            LOG.errorf(e, "%s failed", live.run().name());
            live.end(WorkState.FAILED, "internal error; the server's log has the details");
        }
    }

    private static void train(LiveRun live, PreparedRun prepared) {
        Path output = live.run().output();
        Outputs.create(output, "spec.output");
        if (prepared.mined()) {
            PreferenceRowsWriter.write(output.resolve("negatives.jsonl"), prepared.rows());
        }
        if (prepared.skipped().count() > 0) {
            prepared.skipped().write(output.resolve("skipped.jsonl"));
        }
        prepared.trainer()
                .run(
                        prepared.spec(),
                        prepared.plan(),
                        prepared.rows(),
                        output,
                        live,
                        live.cancellation());
    }

    private void fail(LiveRun live, PlumblineException e) {
        if (stopping) {
            live.end(WorkState.FAILED, STOPPED);
        } else if (e.code() == ErrorCode.CANCELLED) {
            live.end(WorkState.CANCELLED, "");
        } else {
            String why = e.reason() + ": " + Failures.message(e);
            if (e.code() == ErrorCode.INTERNAL) {
                LOG.errorf(e, "%s failed", live.run().name());
            } else {
                LOG.warnf("%s failed: %s", live.run().name(), why);
            }
            live.end(WorkState.FAILED, why);
        }
    }
}
