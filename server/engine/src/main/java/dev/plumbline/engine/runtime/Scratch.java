package dev.plumbline.engine.runtime;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.plumbline.engine.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A little native memory for arguments and answers, made once and used by one call at a time. */
final class Scratch {
    private static final int HIGHEST_RANK = 32;

    private final MemorySegment sizes;
    private final MemorySegment out;
    private final MemorySegment second;

    Scratch() {
        Arena arena = Arena.ofAuto();
        sizes = arena.allocate(JAVA_LONG, HIGHEST_RANK);
        out = arena.allocate(ADDRESS);
        second = arena.allocate(JAVA_LONG);
    }

    /** Writes the sizes of a shape and gives their place. */
    MemorySegment sizes(Shape shape) {
        if (shape.rank() > HIGHEST_RANK) {
            throw new IllegalArgumentException(shape + " has too many dimensions");
        }
        for (int i = 0; i < shape.rank(); i++) {
            sizes.setAtIndex(JAVA_LONG, i, shape.get(i));
        }
        return sizes;
    }

    /** Room for a function to write sizes to. */
    MemorySegment sizes() {
        return sizes;
    }

    Shape shape(int rank) {
        long[] values = new long[rank];
        MemorySegment.copy(sizes, JAVA_LONG, 0, values, 0, rank);
        return Shape.of(values);
    }

    /** Room for a function's answer. */
    MemorySegment out() {
        return out;
    }

    /** Room for a second answer. */
    MemorySegment second() {
        return second;
    }

    MemorySegment pointerOut() {
        return out.get(ADDRESS, 0);
    }

    int intOut() {
        return out.get(JAVA_INT, 0);
    }

    long longOut() {
        return out.get(JAVA_LONG, 0);
    }
}
