package dev.plumbline.engine.train;

import dev.plumbline.spi.Choice;

/** How negatives are taken out of a pool. */
public enum SamplingMode {
    WITH_REPLACEMENT(Choice.WITH_REPLACEMENT),
    WITHOUT_REPLACEMENT(Choice.WITHOUT_REPLACEMENT),
    GREEDY(Choice.GREEDY);

    private final String text;

    SamplingMode(String text) {
        this.text = text;
    }

    /** As rows record it. */
    public String text() {
        return text;
    }
}
