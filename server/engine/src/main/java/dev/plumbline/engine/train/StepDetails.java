package dev.plumbline.engine.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What people watch beside a step's loss.
 *
 * @param gate figures of the examination after the step, by name; empty where there was none
 * @param alarms that the step set off
 */
public record StepDetails(
        Rewards rewards,
        Usage usage,
        References references,
        Map<String, Double> gate,
        List<Alarm> alarms) {
    /** Of steps that were written before there were any. */
    public static final StepDetails NONE =
            new StepDetails(Rewards.NONE, Usage.NONE, References.NONE, Map.of(), List.of());

    public StepDetails {
        references = Objects.requireNonNullElse(references, References.NONE);
        gate = new LinkedHashMap<>(gate);
        alarms = List.copyOf(alarms);
    }

    /**
     * Rewards are {@code beta (log p - log p_ref)}, means over rows.
     *
     * @param accuracies share of rows whose chosen answer has the higher reward
     * @param imageAccuracies share of negatives on which the chosen answer has a lower reward than
     *     on the row's own image; NaN without negatives
     */
    public record Rewards(
            double chosen, double rejected, double accuracies, double imageAccuracies) {
        static final Rewards NONE = new Rewards(Double.NaN, Double.NaN, Double.NaN, Double.NaN);
    }

    /**
     * Sequences whose log-probabilities without the adapter the step needed.
     *
     * @param passes for which the model was run
     * @param hits that were there already
     */
    public record References(long passes, long hits) {
        static final References NONE = new References(0, 0);
    }

    /**
     * What the step took.
     *
     * @param tokensPerSecond tokens of all sequences, image tokens counted, each once
     * @param memoryBytes of this process that no file backs; 0 where the system does not tell
     * @param secondsLeft of the run, at the pace of the latest steps
     */
    public record Usage(double tokensPerSecond, long memoryBytes, double secondsLeft) {
        static final Usage NONE = new Usage(Double.NaN, 0, Double.NaN);
    }
}
