package dev.plumbline.engine.checkpoint.jinja;

/** Python's {@code None}. */
enum None {
    NONE
}
