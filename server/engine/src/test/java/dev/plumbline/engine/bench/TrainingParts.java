package dev.plumbline.engine.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a run's thread is at, told from its stack, fifty times a second: shares of its time. Forward
 * and backward of the gradient's graph are one session's, and are told together.
 */
final class TrainingParts implements AutoCloseable {
    private static final long PERIOD_MILLIS = 20;

    /** Simple names of classes, the first that is on the stack decides. */
    private static final List<Map.Entry<String, String>> PARTS =
            List.of(
                    Map.entry("ReferenceLogps", "reference"),
                    Map.entry("GradientPass", "forward and backward"),
                    Map.entry("RowSequences", "data and pictures"),
                    Map.entry("Scorer", "policy forward"),
                    Map.entry("KlScorer", "policy forward"),
                    Map.entry("LossTerms", "loss"),
                    Map.entry("AdamW", "optimizer"),
                    Map.entry("Planner", "plan"));

    private final Thread watched;
    private final Map<String, Integer> seen = new HashMap<>();
    private final Thread watch = Thread.ofPlatform().daemon().unstarted(this::watch);
    private volatile boolean closed;

    private TrainingParts(Thread watched) {
        this.watched = watched;
    }

    static TrainingParts ofThisThread() {
        TrainingParts parts = new TrainingParts(Thread.currentThread());
        parts.watch.start();
        return parts;
    }

    private void watch() {
        while (!closed) {
            String part = part(watched.getStackTrace());
            synchronized (seen) {
                seen.merge(part, 1, Integer::sum);
            }
            try {
                Thread.sleep(PERIOD_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static String part(StackTraceElement... stack) {
        List<String> classes =
                Arrays.stream(stack)
                        .map(StackTraceElement::getClassName)
                        .map(name -> name.substring(name.lastIndexOf('.') + 1))
                        .toList();
        return PARTS.stream()
                .filter(part -> classes.contains(part.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("rest");
    }

    /** Shares of all samples so far. */
    void describe(ObjectNode report) {
        synchronized (seen) {
            double all = seen.values().stream().mapToInt(Integer::intValue).sum();
            seen.forEach((part, samples) -> report.put(part, samples / all));
        }
    }

    @Override
    public void close() {
        closed = true;
        watch.interrupt();
    }
}
