package dev.plumbline.cli.command;

import dev.plumbline.cli.output.Progress;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.PlumblineClientException;
import dev.plumbline.client.RunClient;
import dev.plumbline.v1.Run;
import io.grpc.Status;
import java.util.Map;

/** Follows a run to its end. */
public final class RunWatcher {
    private final Shell shell;

    public RunWatcher(Shell shell) {
        this.shell = shell;
    }

    /**
     * Waits for the end of a run that this command started; Ctrl-C cancels it on the server.
     *
     * @throws PlumblineClientException {@code RUN_FAILED}, {@code RUN_CANCELLED}
     */
    public Run finish(RunClient runs, Run started) {
        String name = started.getName();
        try (var _ = shell.interruption().onInterrupt(() -> cancel(runs, name))) {
            return requireSuccess(follow(runs, name));
        }
    }

    private static void cancel(RunClient runs, String name) {
        var _ = runs.cancel(name);
    }

    /** Shows what happens until the run ends, however it ends. */
    Run follow(RunClient runs, String name) {
        try (Progress progress = shell.progress();
                var events = runs.watch(name)) {
            events.forEachRemaining(new RunDisplay(progress, shell::say)::show);
        }
        return runs.get(name);
    }

    private static Run requireSuccess(Run run) {
        return switch (run.getState()) {
            case SUCCEEDED -> run;
            case CANCELLED ->
                    throw failure(
                            run,
                            Status.Code.CANCELLED,
                            "RUN_CANCELLED",
                            run.getName() + " was cancelled.");
            case FAILED ->
                    throw failure(
                            run,
                            Status.Code.INTERNAL,
                            "RUN_FAILED",
                            run.getName() + " failed: " + run.getError());
            case QUEUED, RUNNING, STATE_UNSPECIFIED, UNRECOGNIZED ->
                    throw failure(
                            run,
                            Status.Code.UNAVAILABLE,
                            "RUN_NOT_ENDED",
                            "The server stopped reporting on "
                                    + run.getName()
                                    + ", which goes on: ./plumbline runs watch "
                                    + run.getName());
        };
    }

    private static PlumblineClientException failure(
            Run run, Status.Code code, String reason, String message) {
        return new PlumblineClientException(code, reason, message, Map.of("run", run.getName()));
    }
}
