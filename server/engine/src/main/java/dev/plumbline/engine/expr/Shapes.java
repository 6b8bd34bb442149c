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

    /** The dims of a reshape: one -1 follows from the others where all of these are known. */
    static List<Dim> reshaped(Value value, int[] shape) {
        long known =
                Arrays.stream(shape).filter(n -> n >= 0).asLongStream().reduce(1, (a, b) -> a * b);
        List<Dim> dims = new ArrayList<>();
        for (int length : shape) {
            dims.add(length >= 0 ? Dim.of(length) : rest(value, known));
        }
        return dims;
    }

    private static Dim rest(Value value, long known) {
        Dim all = value.dims().stream().reduce(Dim.of(1), Dim::times);
        return all instanceof Dim.Fixed(long size) && known > 0
                ? Dim.of(size / known)
                : Dim.shape("rest").getFirst();
    }
}
