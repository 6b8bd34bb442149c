package dev.plumbline.engine.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.Stream;

/** What steps take; nothing of a run's result depends on it. */
final class StepClock {
    private static final int LATEST = 20;
    private static final Path STATUS = Path.of("/proc/self/status");

    private final Deque<Double> latest = new ArrayDeque<>();

    /**
     * @param tokens of the step's sequences
     * @param left steps that are still to be made
     */
    StepDetails.Usage stepped(double seconds, long tokens, int left) {
        latest.addLast(seconds);
        if (latest.size() > LATEST) {
            latest.removeFirst();
        }
        double pace = latest.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        return new StepDetails.Usage(tokens / seconds, anonymousBytes(), left * pace);
    }

    /** Resident memory that no file backs: mapped weights are not in it. */
    static long anonymousBytes() {
        if (!Files.isReadable(STATUS)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith("RssAnon:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException | UncheckedIOException e) {
            return 0;
        }
    }
}
