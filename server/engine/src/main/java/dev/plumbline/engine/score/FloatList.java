package dev.plumbline.engine.score;

import java.util.AbstractList;
import java.util.RandomAccess;

/** A part of some floats as numbers: many are kept, so that a box for each would be too much. */
final class FloatList extends AbstractList<Double> implements RandomAccess {
    private final float[] values;

    /**
     * @param values not copied
     */
    FloatList(float[] values) {
        this.values = values;
    }

    @Override
    public Double get(int index) {
        return (double) values[index];
    }

    @Override
    public int size() {
        return values.length;
    }
}
