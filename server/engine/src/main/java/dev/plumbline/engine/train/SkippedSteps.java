package dev.plumbline.engine.train;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Steps whose loss or gradient is not finite: they change nothing, and are counted. A run that has
 * {@value #MOST} of them stops.
 */
final class SkippedSteps {
    static final int MOST = 3;

    private final String loss;
    private final List<Integer> steps;

    /**
     * @param loss the run's, for messages
     * @param steps that were skipped earlier, from 1
     */
    SkippedSteps(String loss, List<Integer> steps) {
        this.loss = loss;
        this.steps = new ArrayList<>(steps);
    }

    /** The steps that were skipped, from 1. */
    List<Integer> steps() {
        return List.copyOf(steps);
    }

    /**
     * Counts a step.
     *
     * @param step from 1
     * @param rows of its batch, whose losses are not finite; empty where only the gradient is not
     */
    Alarm skip(int step, double value, double gradNorm, List<PreferenceExample.Place> rows) {
        steps.add(step);
        String of =
                rows.isEmpty()
                        ? ""
                        : " ("
                                + rows.stream()
                                        .map(r -> r.toString())
                                        .collect(Collectors.joining(", "))
                                + ")";
        return new Alarm(
                step,
                Alarm.NOT_FINITE,
                "step %d was skipped: loss %s, gradient norm %s%s; a run stops at %d such steps"
                        .formatted(step, value, gradNorm, of, MOST));
    }

    /**
     * Whether the run may go on.
     *
     * @throws PlumblineException {@code LOSS_NOT_FINITE}
     */
    void requireFew() {
        if (steps.size() >= MOST) {
            throw tooMany();
        }
    }

    /**
     * Whether a run of so many steps came to anything.
     *
     * @throws PlumblineException {@code LOSS_NOT_FINITE}
     */
    void requireFewerThan(int all) {
        if (steps.size() >= all) {
            throw tooMany();
        }
    }

    private PlumblineException tooMany() {
        String named = steps.stream().map(s -> s.toString()).collect(Collectors.joining(", "));
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "LOSS_NOT_FINITE",
                "loss (%s) or gradient of steps %s is not a finite number; what was learned from the others is in the last checkpoint. Look at the rows that the alarms name, or lower learning_rate"
                        .formatted(loss, named),
                Map.of("step", Integer.toString(steps.getLast()), "steps", named));
    }
}
