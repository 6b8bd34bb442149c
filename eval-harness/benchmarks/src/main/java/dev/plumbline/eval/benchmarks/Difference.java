package dev.plumbline.eval.benchmarks;

import org.jspecify.annotations.Nullable;

/**
 * After minus before.
 *
 * @param interval null where the value is undefined, or undefined in too many resamples to speak of
 *     95 %
 */
public record Difference(Figure value, @Nullable Interval interval) {}
