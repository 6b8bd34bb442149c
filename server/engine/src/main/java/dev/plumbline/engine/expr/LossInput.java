package dev.plumbline.engine.expr;

import java.util.Locale;

/** What a loss may read of a row. */
public enum LossInput {
    CHOSEN(false, true),
    REFERENCE_CHOSEN(false, false),
    REJECTED(false, true),
    REFERENCE_REJECTED(false, false),
    NEGATIVES(true, true),
    REFERENCE_NEGATIVES(true, false),
    LOG_WEIGHTS(true, false),
    LOG_POOL_SIZE(false, false);

    private final boolean vector;
    private final boolean differentiated;

    LossInput(boolean vector, boolean differentiated) {
        this.vector = vector;
        this.differentiated = differentiated;
    }

    /** Whether it has one number a negative. */
    public boolean isVector() {
        return vector;
    }

    /** Whether it depends on what is trained. */
    public boolean isDifferentiated() {
        return differentiated;
    }

    String graphName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
