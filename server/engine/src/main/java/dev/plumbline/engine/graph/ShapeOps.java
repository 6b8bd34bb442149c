package dev.plumbline.engine.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Operators that move elements and change none. */
public final class ShapeOps {
    private ShapeOps() {}

    /**
     * The elements in other dims. A symbol that stands at the same place as before is copied; one
     * other may be new, and is inferred.
     */
    public static Value reshape(Value x, List<Dim> dims) {
        List<Long> shape = shape(x, dims);
        if (unknown(shape) > 1) {
            throw new IllegalArgumentException(x + " to " + dims + ": more than one unknown size");
        }
        Dim before = elements(x.dims());
        Dim after = elements(dims);
        if (before instanceof Dim.Fixed && after instanceof Dim.Fixed && !before.equals(after)) {
            throw new IllegalArgumentException(x + " to " + dims + ": not as many elements");
        }
        return x.builder().reshape(x, dims, shape);
    }

    /** As ONNX reads it: 0 copies an axis, -1 is inferred. */
    private static List<Long> shape(Value x, List<Dim> dims) {
        List<Long> shape = new ArrayList<>();
        for (int axis = 0; axis < dims.size(); axis++) {
            shape.add(
                    switch (dims.get(axis)) {
                        case Dim.Fixed(long size) -> size;
                        case Dim.Symbol symbol ->
                                axis < x.rank() && x.dim(axis).equals(symbol) ? 0L : -1L;
                    });
        }
        return shape;
    }

    private static long unknown(List<Long> shape) {
        return shape.stream().filter(size -> size == -1).count();
    }

    private static Dim elements(List<Dim> dims) {
        return dims.stream().reduce(Dim.of(1), Dim::times);
    }

    public static Value reshape(Value x, Object... dims) {
        return reshape(x, Dim.shape(dims));
    }

    /** All axes but the last as one: [..., n] to [rows, n]. */
    public static Value flatten(Value x) {
        return x.builder()
                .apply(Op.FLATTEN, List.of(x), Attributes.of("axis", (long) (x.rank() - 1)));
    }

    /**
     * The elements of the one in the shape of the other. Where the dims alone tell how, the other
     * is not read, and so need not be kept.
     */
    public static Value reshapeLike(Value x, Value like) {
        List<Long> shape = shape(x, like.dims());
        return unknown(shape) > 1
                ? MathOps.binary(Op.RESHAPE_LIKE, x, like)
                : x.builder().reshape(x, like.dims(), shape);
    }

    /** The value itself, computed only after another one of the same shape. */
    public static Value after(Value x, Value other) {
        return MathOps.binary(Op.RESHAPE_LIKE, x, other);
    }

    public static Value expandLike(Value x, Value like) {
        return MathOps.binary(Op.EXPAND_LIKE, x, like);
    }

    public static Value zerosLike(Value x) {
        return MathOps.unary(Op.ZEROS_LIKE, x);
    }

    public static Value transpose(Value x, int... perm) {
        List<Long> axes = Arrays.stream(perm).mapToObj(axis -> (long) axis).toList();
        return x.builder().apply(Op.TRANSPOSE, List.of(x), Attributes.of("perm", axes));
    }

    public static Value concat(int axis, Value... parts) {
        return parts[0].builder()
                .apply(Op.CONCAT, List.of(parts), Attributes.of("axis", (long) axis));
    }

    /** The part from {@code start} (inclusive) to {@code end} (exclusive) of an axis. */
    public static Value slice(Value x, int axis, long start, long end) {
        return x.builder()
                .apply(
                        Op.SLICE,
                        List.of(x),
                        new Attributes(Map.of("axis", (long) axis, "start", start, "end", end)));
    }

    /** Rows of the first axis. */
    public static Value gather(Value x, Value indices) {
        return MathOps.binary(Op.GATHER, x, indices);
    }

    /** Elements along the last axis, one for each index. */
    public static Value gatherElements(Value x, Value indices) {
        return x.builder()
                .apply(Op.GATHER_ELEMENTS, List.of(x, indices), Attributes.of("axis", -1L));
    }

    /** {@code x} with some rows overwritten; the indices do not repeat. */
    public static Value scatterRows(Value x, Value indices, Value updates) {
        return x.builder().apply(Op.SCATTER_ND, List.of(x, indices, updates), Attributes.NONE);
    }

    /** {@code x} with updates added along the last axis. */
    public static Value scatterAdd(Value x, Value indices, Value updates) {
        return x.builder()
                .apply(
                        Op.SCATTER_ELEMENTS,
                        List.of(x, indices, updates),
                        Attributes.of("axis", -1L, "reduction", "add"));
    }
}
