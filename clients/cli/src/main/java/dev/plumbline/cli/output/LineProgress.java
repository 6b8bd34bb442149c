package dev.plumbline.cli.output;

import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** For logs: one line every ten seconds, and one when a task ends. */
final class LineProgress implements Progress {
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private final PrintWriter err;
    private final Clock clock;
    private Instant next;
    private String finished = "";

    LineProgress(PrintWriter err, Clock clock) {
        this.err = err;
        this.clock = clock;
        this.next = clock.instant().plus(PAUSE);
    }

    @Override
    public synchronized void update(String task, long done, long total, String note) {
        boolean complete = total > 0 && done >= total;
        boolean due = !clock.instant().isBefore(next);
        if (task.equals(finished) || !complete && !due) {
            return;
        }
        finished = complete ? task : "";
        next = clock.instant().plus(PAUSE);
        String of = total > 0 ? " of " + total : "";
        err.println(task + ": " + done + of + (note.isEmpty() ? "" : ", " + note));
        err.flush();
    }

    @Override
    public void close() {}
}
