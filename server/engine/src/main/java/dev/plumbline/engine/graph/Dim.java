package dev.plumbline.engine.graph;

import java.util.ArrayList;
import java.util.List;

/** The size of one dimension: a number, or a name for a number known only when the graph runs. */
public sealed interface Dim {
    /** A size known when the graph is built. */
    record Fixed(long size) implements Dim {
        public Fixed {
            if (size < 0) {
                throw new IllegalArgumentException("negative dimension " + size);
            }
        }

        @Override
        public String toString() {
            return Long.toString(size);
        }
    }

    /** A size known when the graph runs; equal names are equal sizes. */
    record Symbol(String name) implements Dim {
        @Override
        public String toString() {
            return name;
        }
    }

    static Dim of(long size) {
        return new Fixed(size);
    }

    static Dim of(String symbol) {
        return new Symbol(symbol);
    }

    /**
     * A shape out of numbers ({@code Integer}, {@code Long}), symbols ({@code String}) and dims.
     */
    static List<Dim> shape(Object... sizes) {
        List<Dim> dims = new ArrayList<>();
        for (Object size : sizes) {
            dims.add(
                    switch (size) {
                        case Number number -> of(number.longValue());
                        case String symbol -> of(symbol);
                        case Dim dim -> dim;
                        default -> throw new IllegalArgumentException("not a dimension: " + size);
                    });
        }
        return List.copyOf(dims);
    }

    default boolean isOne() {
        return this instanceof Fixed(long size) && size == 1;
    }

    /** The product of both: a number where both are, otherwise a symbol such as {@code 2*S}. */
    default Dim times(Dim other) {
        if (this instanceof Fixed(long a) && other instanceof Fixed(long b)) {
            return of(a * b);
        }
        return isOne() ? other : other.isOne() ? this : of(this + "*" + other);
    }
}
