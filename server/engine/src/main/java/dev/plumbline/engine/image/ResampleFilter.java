package dev.plumbline.engine.image;

import java.util.Optional;

/** Pillow's resampling filters, in the order of its numbers 0 to 5. */
public enum ResampleFilter {
    /** The pixel whose area holds the target's center; no weights. */
    NEAREST(0),
    LANCZOS(3),
    BILINEAR(1),
    BICUBIC(2),
    BOX(0.5),
    HAMMING(1);

    /** Steepness of the cubic. */
    private static final double A = -0.5;

    private final double support;

    ResampleFilter(double support) {
        this.support = support;
    }

    /** The filter of Pillow's number. */
    static Optional<ResampleFilter> ofNumber(int number) {
        return number >= 0 && number < values().length
                ? Optional.of(values()[number])
                : Optional.empty();
    }

    /** Half the width of the filter, in source pixels when not shrinking. */
    double support() {
        return support;
    }

    double weight(double x) {
        return switch (this) {
            case NEAREST -> 0;
            case LANCZOS -> x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
            case BILINEAR -> Math.max(0, 1 - Math.abs(x));
            case BICUBIC -> cubic(Math.abs(x));
            case BOX -> x > -0.5 && x <= 0.5 ? 1 : 0;
            case HAMMING -> Math.abs(x) >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * Math.cos(x * Math.PI));
        };
    }

    private static double sinc(double x) {
        return x == 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
    }

    private static double cubic(double x) {
        if (x < 1) {
            return ((A + 2) * x - (A + 3)) * x * x + 1;
        }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
    }
}
