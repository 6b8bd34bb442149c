package dev.plumbline.cli.command;

import com.google.longrunning.Operation;
import com.google.protobuf.Message;
import dev.plumbline.cli.output.Progress;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.OperationClient;
import java.time.Duration;
import java.util.function.Function;

/** Follows an operation that this command began to its end; Ctrl-C cancels it on the server. */
final class OperationWatcher {
    private static final int MINUTE = 60;

    private final Shell shell;
    private final OperationClient operations;

    OperationWatcher(Shell shell, OperationClient operations) {
        this.shell = shell;
        this.operations = operations;
    }

    /**
     * How far it is.
     *
     * @param unit what is counted, such as "rows"
     */
    record Step(
            String task,
            long done,
            long total,
            double perSecond,
            double remainingSeconds,
            String unit) {
        /** Such as "12.5 rows/s, 3 min left". */
        String note() {
            String rate = perSecond > 0 ? "%.1f %s/s".formatted(perSecond, unit) : "";
            String left = remainingSeconds > 0 ? left() + " left" : "";
            return rate + (rate.isEmpty() || left.isEmpty() ? "" : ", ") + left;
        }

        private String left() {
            Duration left = Duration.ofSeconds(Math.round(remainingSeconds));
            return left.toSeconds() < MINUTE
                    ? left.toSeconds() + " s"
                    : left.toMinutes() < MINUTE
                            ? left.toMinutes() + " min"
                            : "%d h %d min".formatted(left.toHours(), left.toMinutesPart());
        }
    }

    <T extends Message> T finish(Operation begun, Function<Operation, Step> step, Class<T> type) {
        String name = begun.getName();
        shell.say("Started " + name);
        try (var _ = shell.interruption().onInterrupt(() -> operations.cancel(name));
                Progress progress = shell.progress()) {
            return operations.await(begun, now -> show(progress, step.apply(now)), type);
        }
    }

    private static void show(Progress progress, Step step) {
        if (!step.task().isEmpty()) {
            progress.update(step.task(), step.done(), step.total(), step.note());
        }
    }
}
