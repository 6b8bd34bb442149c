package dev.plumbline.engine.train;

/**
 * Something about a run that its owner should look at.
 *
 * @param step at which it showed, from 1
 * @param name one of the constants here, for programs
 * @param message what was seen, and what to do about it
 */
public record Alarm(int step, String name, String message) {
    /** The chosen answers become unlikelier while the margin grows. */
    public static final String CHOSEN_LOGPS_FALL = "chosen_logps_fall";

    /** A few of the sampled negatives have nearly all of the importance weight. */
    public static final String WEIGHTS_DEGENERATE = "weights_degenerate";

    /** A step's loss or gradient is not a number; the step was skipped. */
    public static final String NOT_FINITE = "not_finite";

    /** The negatives are all much the same. */
    public static final String NEGATIVES_COLLAPSE = "negatives_collapse";
}
