package dev.plumbline.cli.output;

import java.io.PrintWriter;
import java.time.Clock;

/** How far long work has come; on standard error only. */
public interface Progress extends AutoCloseable {
    /**
     * Shows where one task stands; another task's name begins a new line.
     *
     * @param total 0 where it is not known
     * @param note a few words, for example the loss, may be empty
     */
    void update(String task, long done, long total, String note);

    @Override
    void close();

    /** Bars on a terminal, else a line every ten seconds. */
    static Progress on(PrintWriter err, boolean terminal) {
        return terminal ? new BarProgress(err) : new LineProgress(err, Clock.systemUTC());
    }
}
