package dev.plumbline.engine.checkpoint.jinja;

/**
 * What a missing name, key or attribute gives: prints as nothing, is false and empty, and fails on
 * anything else.
 *
 * @param reason such as {@code 'tools' is undefined}
 */
record Undefined(String reason) {
    JinjaException failure() {
        return JinjaException.failed(reason);
    }
}
