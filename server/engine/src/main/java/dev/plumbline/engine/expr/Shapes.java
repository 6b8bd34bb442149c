package dev.plumbline.engine.expr;

import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Shapes as plugins write them, as the graph's dims. */
final class Shapes {
    private Shapes() {}

    /** An input's dims: -1 is a length that may differ from run to run. */
    static List<Dim> ofInput(String name, int[] shape) {
        List<Dim> dims = new ArrayList<>();
        for (int axis = 0; axis < shape.length; axis++) {
            dims.addAll(shape[axis] < 0 ? Dim.shape(name + "." + axis) : Dim.shape(shape[axis]));
        }
        return dims;
    }

    /** The dims of a reshape: one -1 follows from the others. */
    static List<Dim> reshaped(Value value, int[] shape) {
        if (Arrays.stream(shape).filter(n -> n < 0).count() > 1) {
            throw new IllegalArgumentException(
                    "%s cannot be reshaped to %s: more than one length is unknown"
                            .formatted(value, Arrays.toString(shape)));
        }
        long known =
                Arrays.stream(shape).filter(n -> n >= 0).asLongStream().reduce(1, (a, b) -> a * b);
        List<Dim> dims = new ArrayList<>();
        for (int length : shape) {
            dims.add(length >= 0 ? Dim.of(length) : rest(value, known));
        }
        return dims;
    }

    /**
     * All elements by those of the known lengths. Its name says what it is made of, so that two
     * have the same name only where they are the same length.
     */
    private static Dim rest(Value value, long known) {
        long numbers = 1;
        List<String> names = new ArrayList<>();
        for (Dim dim : value.dims()) {
            for (String factor : dim.toString().split("\\*")) {
                if (factor.chars().allMatch(Character::isDigit)) {
                    numbers *= Long.parseLong(factor);
                } else {
                    names.add(factor);
                }
            }
        }
        boolean whole = known > 0 && numbers % known == 0;
        if (names.isEmpty()) {
            return Dim.of(known > 0 ? numbers / known : 0);
        }
        Dim product = Dim.of(whole ? numbers / known : numbers).times(product(names));
        return whole ? product : Dim.of(product + "/" + known);
    }

    private static Dim product(List<String> names) {
        return Dim.of(String.join("*", names.stream().sorted().toList()));
    }
}
