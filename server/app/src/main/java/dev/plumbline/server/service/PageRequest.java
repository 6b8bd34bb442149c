package dev.plumbline.server.service;

import dev.plumbline.engine.error.PlumblineException;
import java.util.Map;

/**
 * Which part of a list is wanted.
 *
 * @param size at most so many; 0 stands for 100; more than 1000 are never given
 * @param token of the page before, or empty for the first
 */
public record PageRequest(int size, String token) {
    private static final int DEFAULT_SIZE = 100;
    private static final int LARGEST = 1000;

    public PageRequest {
        if (size < 0) {
            throw PlumblineException.invalid(
                    "page_size",
                    "FIELD_OUT_OF_RANGE",
                    "page_size must be at least 0, not " + size,
                    Map.of("value", Integer.toString(size)));
        }
        size = size == 0 ? DEFAULT_SIZE : Math.min(size, LARGEST);
    }
}
