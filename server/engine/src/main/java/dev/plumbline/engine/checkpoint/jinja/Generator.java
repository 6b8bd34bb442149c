package dev.plumbline.engine.checkpoint.jinja;

import java.util.List;

/**
 * What {@code selectattr} and its kind give: always true, without a length, and empty once it was
 * walked through.
 */
final class Generator {
    private List<Object> remaining;

    Generator(List<Object> elements) {
        this.remaining = elements;
    }

    List<Object> drain() {
        List<Object> drained = remaining;
        remaining = List.of();
        return drained;
    }
}
