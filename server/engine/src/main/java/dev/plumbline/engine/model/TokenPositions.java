package dev.plumbline.engine.model;

import java.util.stream.IntStream;

/**
 * The positions by which a sequence's tokens are rotated: three a token (temporal, height, width),
 * as multi-section rotary positions want them (Wang et al. 2024, arXiv 2409.12191, §2.1); equal for
 * text, and for all tokens of models that know one kind of position only.
 */
public final class TokenPositions {
    private final int[][] axes;
    private final int next;

    private TokenPositions(int[][] axes, int next) {
        this.axes = axes;
        this.next = next;
    }

    /** 0, 1, 2, … */
    public static TokenPositions text(int count) {
        int[] counted = IntStream.range(0, count).toArray();
        return new TokenPositions(new int[][] {counted, counted, counted}, count);
    }

    /**
     * @param next position of the token after the last one
     */
    static TokenPositions of(int[] temporal, int[] height, int[] width, int next) {
        if (temporal.length != height.length || temporal.length != width.length) {
            throw new IllegalArgumentException("axes of different lengths");
        }
        return new TokenPositions(new int[][] {temporal, height, width}, next);
    }

    public int length() {
        return axes[0].length;
    }

    /** The position of the token after the last one; text counts on from there. */
    public int next() {
        return next;
    }

    /**
     * A token's position; text after the sequence counts on.
     *
     * @param axis 0 temporal, 1 height, 2 width
     */
    public int at(int axis, int token) {
        return token < length() ? axes[axis][token] : next + token - length();
    }

    /** This sequence and so many tokens of text after it. */
    public TokenPositions followedBy(int count) {
        int[][] longer = new int[axes.length][];
        for (int axis = 0; axis < axes.length; axis++) {
            int which = axis;
            longer[axis] =
                    IntStream.range(0, length() + count).map(token -> at(which, token)).toArray();
        }
        return new TokenPositions(longer, next + count);
    }
}
