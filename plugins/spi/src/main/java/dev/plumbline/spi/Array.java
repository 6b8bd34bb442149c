package dev.plumbline.spi;

import java.util.Arrays;

/** Numbers in single or double precision with a shape, the last axis running fastest. */
public final class Array {
    private final int[] shape;
    private final float[] floats;
    private final double[] doubles;

    private Array(int[] shape, float[] floats, double[] doubles) {
        long size = 1;
        for (int length : shape) {
            if (length < 0) {
                throw new IllegalArgumentException("a shape with " + length);
            }
            size *= length;
        }
        if (size != (long) floats.length + doubles.length) {
            throw new IllegalArgumentException(
                    "%d numbers are not of the shape %s"
                            .formatted(floats.length + doubles.length, Arrays.toString(shape)));
        }
        this.shape = shape.clone();
        this.floats = floats;
        this.doubles = doubles;
    }

    /**
     * @param values not copied
     */
    public static Array of(float[] values, int... shape) {
        return new Array(shape, values, new double[0]);
    }

    /**
     * @param values not copied
     */
    public static Array of(double[] values, int... shape) {
        return new Array(shape, new float[0], values);
    }

    public int[] shape() {
        return shape.clone();
    }

    /** Number of elements. */
    public int size() {
        return floats.length + doubles.length;
    }

    /** An element, counted through the whole array. */
    public double get(int index) {
        return isDouble() ? doubles[index] : floats[index];
    }

    public boolean isDouble() {
        return doubles.length > 0;
    }

    /** The elements, not a copy; empty in double precision. */
    public float[] floats() {
        return floats;
    }

    /** The elements, not a copy; empty in single precision. */
    public double[] doubles() {
        return doubles;
    }
}
