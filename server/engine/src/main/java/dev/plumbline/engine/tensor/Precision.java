package dev.plumbline.engine.tensor;

import dev.plumbline.engine.error.PlumblineException;
import java.util.Arrays;
import java.util.Map;

/** In what the weights of linear layers are kept, and in what their products are computed. */
public enum Precision {
    FP32("fp32", 32, false),
    /** Eight bits a weight, activations in fp32. */
    INT8("int8", 8, false),
    /** Four bits a weight, activations in fp32. */
    INT4("int4", 4, false),
    /** Weights as {@link #INT8}, activations rounded to eight bits: faster, and approximate. */
    W8A8("w8a8", 8, true),
    /** Weights as {@link #INT4}, activations rounded to eight bits: faster, and approximate. */
    W4A8("w4a8", 4, true);

    private final String text;
    private final int bits;
    private final boolean roundsActivations;

    Precision(String text, int bits, boolean roundsActivations) {
        this.text = text;
        this.bits = bits;
        this.roundsActivations = roundsActivations;
    }

    /**
     * The precision of that name.
     *
     * @throws PlumblineException {@code PRECISION_UNKNOWN}, for the field {@code precision}
     */
    public static Precision parse(String text) {
        for (Precision precision : values()) {
            if (precision.text.equals(text)) {
                return precision;
            }
        }
        String known = String.join(", ", Arrays.stream(values()).map(p -> p.text).toList());
        throw PlumblineException.invalid(
                "precision",
                "PRECISION_UNKNOWN",
                "there is no precision '%s'; give one of %s".formatted(text, known),
                Map.of("precision", text, "known", known));
    }

    /** The name as people write it, such as {@code int4}. */
    public String text() {
        return text;
    }

    /** Of one stored weight: 32, 8 or 4. */
    public int bits() {
        return bits;
    }

    public boolean isQuantized() {
        return bits < 32;
    }

    /** Whether products over a few tokens may round their activations to eight bits. */
    public boolean roundsActivations() {
        return roundsActivations;
    }

    /** The precision that has the same bytes and exact activations: one cache serves both. */
    public Precision stored() {
        return switch (this) {
            case FP32 -> FP32;
            case INT8, W8A8 -> INT8;
            case INT4, W4A8 -> INT4;
        };
    }

    @Override
    public String toString() {
        return text;
    }
}
