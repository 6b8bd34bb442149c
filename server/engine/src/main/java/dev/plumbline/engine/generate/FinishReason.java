package dev.plumbline.engine.generate;

/** Why an answer ended. */
public enum FinishReason {
    /** The end token, or a stop text. */
    STOP,
    /** As many tokens as were asked for, or as the context holds. */
    LENGTH
}
