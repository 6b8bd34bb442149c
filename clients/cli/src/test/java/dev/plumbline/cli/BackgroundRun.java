package dev.plumbline.cli;

import dev.plumbline.cli.server.Interruption;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A command that goes on while a test looks at it. */
record BackgroundRun(
        StringWriter err, Interruption interruption, CompletableFuture<CommandLineRun> result) {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    static BackgroundRun start(
            Path directory, Path root, Interruption interruption, String... arguments) {
        var err = new StringWriter();
        var result =
                CompletableFuture.supplyAsync(
                        () -> CommandLineRun.of(directory, root, interruption, err, arguments));
        return new BackgroundRun(err, interruption, result);
    }

    /** The first group of a pattern, once it is there. */
    String awaitOnStandardError(Pattern pattern) throws InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        while (Instant.now().isBefore(end)) {
            Matcher matcher = pattern.matcher(err.toString());
            if (matcher.find()) {
                return matcher.group(1);
            }
            Thread.sleep(20);
        }
        throw new AssertionError("not said: " + pattern + ", but: " + err);
    }

    /** Waits for the end, as the process would. */
    CommandLineRun end() throws Exception {
        CommandLineRun ended = result.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        interruption.end();
        return ended;
    }
}
