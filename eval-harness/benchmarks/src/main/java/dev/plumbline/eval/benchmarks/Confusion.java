package dev.plumbline.eval.benchmarks;

/** True and false, positive (yes) and negative (no) answers, and the figures that follow. */
record Confusion(double tp, double fp, double tn, double fn) {
    private static final String NO_ANSWERS = "there are no answers";
    private static final String NEVER_YES = "no answer is yes";
    private static final String NO_PRESENT = "no question has the label yes";
    private static final String NO_ABSENT = "no question has the label no";

    static Confusion at(double[] sums, int offset) {
        return new Confusion(sums[offset], sums[offset + 1], sums[offset + 2], sums[offset + 3]);
    }

    Figure accuracy() {
        return Figure.ratio(tp + tn, all(), NO_ANSWERS);
    }

    Figure precision() {
        return Figure.ratio(tp, tp + fp, NEVER_YES);
    }

    Figure recall() {
        return Figure.ratio(tp, tp + fn, NO_PRESENT);
    }

    /**
     * From precision and recall, not from the counts: the last bit differs, and this is the
     * official order.
     */
    Figure f1() {
        Figure precision = precision();
        Figure recall = recall();
        if (precision instanceof Figure.Undefined) {
            return precision;
        }
        if (recall instanceof Figure.Undefined) {
            return recall;
        }
        double p = precision.orNaN();
        double r = recall.orNaN();
        return Figure.ratio(2 * p * r, p + r, "no yes is right");
    }

    Figure yesRatio() {
        return Figure.ratio(tp + fp, all(), NO_ANSWERS);
    }

    /** The share of absent objects that the model says are there. */
    Figure falseYes() {
        return Figure.ratio(fp, fp + tn, NO_ABSENT);
    }

    private double all() {
        return tp + tn + fp + fn;
    }
}
