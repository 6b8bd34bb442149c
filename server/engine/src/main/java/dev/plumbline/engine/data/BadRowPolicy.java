package dev.plumbline.engine.data;

/** What becomes of a data set in which some rows cannot be used. */
public enum BadRowPolicy {
    /** It is refused, with the first of them named. */
    STOP,
    /** They are left out, counted and told. */
    SKIP
}
