package dev.plumbline.cli.server;

import dev.plumbline.cli.output.Progress;
import java.io.PrintWriter;

/** Where a command runs: its environment, its two outputs, and Ctrl-C. */
public record Shell(
        Environment environment, PrintWriter out, PrintWriter err, Interruption interruption) {

    /** Tells the user something that is no result. */
    public void say(String line) {
        err.println(line);
        err.flush();
    }

    public Progress progress() {
        return Progress.on(err, environment.terminal());
    }
}
