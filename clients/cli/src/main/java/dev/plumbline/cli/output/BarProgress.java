package dev.plumbline.cli.output;

import java.io.PrintWriter;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** For a terminal: one bar a task, redrawn in place. */
final class BarProgress implements Progress {
    private static final int COLUMNS = 100;
    private static final int REDRAW_MILLISECONDS = 200;

    private final PrintWriter err;
    private String task = "";
    private @Nullable ProgressBar bar;

    BarProgress(PrintWriter err) {
        this.err = err;
    }

    @Override
    public synchronized void update(String newTask, long done, long total, String note) {
        ProgressBar current = bar;
        if (current == null || !newTask.equals(task)) {
            finish();
            task = newTask;
            current = open(newTask, total);
            bar = current;
        }
        current.maxHint(total > 0 ? total : -1);
        current.stepTo(done);
        current.setExtraMessage(note);
    }

    private ProgressBar open(String name, long total) {
        return new ProgressBarBuilder()
                .setTaskName(name)
                .setInitialMax(total > 0 ? total : -1)
                .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                .setMaxRenderedLength(COLUMNS)
                .setUpdateIntervalMillis(REDRAW_MILLISECONDS)
                .setConsumer(new DelegatingProgressBarConsumer(this::draw, COLUMNS))
                .build();
    }

    private void draw(String line) {
        err.print('\r' + line);
        err.flush();
    }

    private void finish() {
        if (bar != null) {
            bar.close();
            bar = null;
            err.println();
            err.flush();
        }
    }

    @Override
    public synchronized void close() {
        finish();
    }
}
