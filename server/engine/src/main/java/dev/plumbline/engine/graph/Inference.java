package dev.plumbline.engine.graph;

import dev.plumbline.engine.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** Types and dims of what an operator makes, from those of what it is given. */
final class Inference {
    private Inference() {}

    /** Type and dims of one output. */
    record Type(DType dtype, List<Dim> dims) {
        static Type of(Value value) {
            return new Type(value.dtype(), value.dims());
        }

        Type as(DType other) {
            return new Type(other, dims);
        }
    }

    static List<Type> infer(Op op, List<Value> in, Attributes attributes) {
        Value x = in.getFirst();
        return switch (op) {
            case ADD, SUB, MUL, DIV, MIN, MAX -> List.of(broadcast(op, x, in.get(1)));
            case LESS_OR_EQUAL -> List.of(broadcast(op, x, in.get(1)).as(DType.BOOL));
            case WHERE -> List.of(where(in));
            case NEG,
                    ABS,
                    ROUND,
                    EXP,
                    LOG,
                    SIGMOID,
                    SOFTPLUS,
                    RELU,
                    GELU,
                    QUICK_GELU,
                    DETACH,
                    SOFTMAX,
                    LOG_SOFTMAX,
                    ZEROS_LIKE,
                    SCATTER_ELEMENTS,
                    SCATTER_ND,
                    LAYER_NORM,
                    ROTARY ->
                    List.of(Type.of(x));
            case DROPOUT -> List.of(dropout(in));
            case MULTI_HEAD_ATTENTION -> List.of(attention(in));
            case CAST -> List.of(Type.of(x).as(DType.ofOnnx((int) attributes.integer("to"))));
            case MATMUL -> List.of(matmul(x, in.get(1), attributes));
            case MATMUL_NBITS -> List.of(QuantizedInference.matmul(in, attributes));
            case DEQUANTIZE_LINEAR -> List.of(QuantizedInference.dequantize(in, attributes));
            case REDUCE_SUM, REDUCE_MAX -> List.of(reduce(x, attributes));
            case RESHAPE -> throw new IllegalStateException("the builder knows a reshape's dims");
            case RESHAPE_LIKE, EXPAND_LIKE -> List.of(new Type(x.dtype(), in.get(1).dims()));
            case FLATTEN -> List.of(flatten(x));
            case SIZE -> List.of(new Type(DType.I64, List.of()));
            case TRANSPOSE -> List.of(transpose(x, attributes));
            case CONCAT -> List.of(concat(in, attributes));
            case SLICE -> List.of(slice(x, attributes));
            case GATHER -> List.of(gather(x, in.get(1)));
            case GATHER_ELEMENTS -> List.of(new Type(x.dtype(), in.get(1).dims()));
            case RMS_NORM -> List.of(Type.of(x), new Type(x.dtype(), withLast(x, Dim.of(1))));
            case CONV -> List.of(conv(x, in.get(1), attributes));
            case GROUP_QUERY_ATTENTION ->
                    List.of(Type.of(x), Type.of(in.get(3)), Type.of(in.get(4)));
        };
    }

    static List<Dim> withLast(Value x, Dim last) {
        List<Dim> dims = new ArrayList<>(x.dims());
        dims.set(x.rank() - 1, last);
        return dims;
    }

    private static Type broadcast(Op op, Value a, Value b) {
        if (a.dtype() != b.dtype()) {
            throw mismatch(op, a, b);
        }
        return new Type(a.dtype(), broadcastDims(op, a, b, 0));
    }

    /** NumPy's rule on all axes but the last {@code skip}, which are dropped. */
    private static List<Dim> broadcastDims(Op op, Value a, Value b, int skip) {
        int rank = Math.max(a.rank(), b.rank());
        List<Dim> dims = new ArrayList<>();
        for (int axis = -rank; axis < -skip; axis++) {
            Dim left = -axis > a.rank() ? Dim.of(1) : a.dim(axis);
            Dim right = -axis > b.rank() ? Dim.of(1) : b.dim(axis);
            if (!left.equals(right) && !left.isOne() && !right.isOne()) {
                throw mismatch(op, a, b);
            }
            dims.add(left.isOne() ? right : left);
        }
        return dims;
    }

    private static Type where(List<Value> in) {
        Type branches = broadcast(Op.WHERE, in.get(1), in.get(2));
        GraphBuilder scratch = new GraphBuilder("where");
        Value both = new Value(scratch, "branches", DType.BOOL, branches.dims());
        return broadcast(Op.WHERE, in.get(0), both).as(branches.dtype());
    }

    private static Type matmul(Value a, Value b, Attributes attributes) {
        boolean transA = attributes.flag("transA");
        boolean transB = attributes.flag("transB");
        if (a.rank() < 2
                || b.rank() < 2
                || !a.dim(transA ? -2 : -1).equals(b.dim(transB ? -1 : -2))) {
            throw mismatch(Op.MATMUL, a, b);
        }
        List<Dim> dims = broadcastDims(Op.MATMUL, a, b, 2);
        dims.add(a.dim(transA ? -1 : -2));
        dims.add(b.dim(transB ? -2 : -1));
        return new Type(a.dtype(), dims);
    }

    private static Type reduce(Value x, Attributes attributes) {
        List<Long> axes = attributes.integers("axes");
        List<Dim> dims = new ArrayList<>();
        for (int axis = 0; axis < x.rank(); axis++) {
            if (!axes.contains((long) axis)) {
                dims.add(x.dim(axis));
            } else if (attributes.flag("keepdims")) {
                dims.add(Dim.of(1));
            }
        }
        return new Type(x.dtype(), dims);
    }

    private static Type transpose(Value x, Attributes attributes) {
        List<Long> axes = LongStream.range(0, x.rank()).boxed().toList();
        if (!attributes.integers("perm").stream().sorted().toList().equals(axes)) {
            throw misused(Op.TRANSPOSE, x, attributes);
        }
        return new Type(
                x.dtype(),
                attributes.integers("perm").stream().map(axis -> x.dim(axis.intValue())).toList());
    }

    private static Type concat(List<Value> in, Attributes attributes) {
        int axis = (int) attributes.integer("axis");
        in.forEach(part -> requireAlike(in.getFirst(), part, axis));
        List<Dim> dims = new ArrayList<>(in.getFirst().dims());
        boolean fixed = in.stream().allMatch(v -> v.dim(axis) instanceof Dim.Fixed);
        dims.set(
                axis,
                fixed
                        ? Dim.of(in.stream().mapToLong(v -> v.size(axis)).sum())
                        : Dim.of(
                                String.join(
                                        "+",
                                        in.stream().map(v -> v.dim(axis).toString()).toList())));
        return new Type(in.getFirst().dtype(), dims);
    }

    private static void requireAlike(Value first, Value part, int but) {
        boolean alike = part.rank() == first.rank() && part.dtype() == first.dtype();
        for (int axis = 0; alike && axis < first.rank(); axis++) {
            alike = axis == but || part.dim(axis).equals(first.dim(axis));
        }
        if (!alike) {
            throw mismatch(Op.CONCAT, first, part);
        }
    }

    private static Type flatten(Value x) {
        Dim rows = x.dims().subList(0, x.rank() - 1).stream().reduce(Dim.of(1), Dim::times);
        return new Type(x.dtype(), List.of(rows, x.dim(-1)));
    }

    private static Type slice(Value x, Attributes attributes) {
        List<Dim> dims = new ArrayList<>(x.dims());
        long start = attributes.integer("start");
        long end = attributes.integer("end");
        int axis = (int) attributes.integer("axis");
        boolean within = !(x.dim(axis) instanceof Dim.Fixed(long size)) || end <= size;
        if (start < 0 || end < start || !within) {
            throw misused(Op.SLICE, x, attributes);
        }
        dims.set(axis, Dim.of(end - start));
        return new Type(x.dtype(), dims);
    }

    private static Type gather(Value x, Value indices) {
        List<Dim> dims = new ArrayList<>(indices.dims());
        dims.addAll(x.dims().subList(1, x.rank()));
        return new Type(x.dtype(), dims);
    }

    private static Type dropout(List<Value> in) {
        Value x = in.getFirst();
        boolean keys = in.stream().skip(1).allMatch(key -> key.dtype() == DType.I32);
        if (!keys
                || in.get(1).rank() != x.rank()
                || !in.get(1).dim(-1).isOne()
                || !in.get(2).dims().equals(List.of(x.dim(-1)))) {
            throw mismatch(Op.DROPOUT, x, in.get(1));
        }
        return Type.of(x);
    }

    private static Type attention(List<Value> in) {
        Value q = in.getFirst();
        if (in.size() > 3) {
            Value mask = in.get(3);
            if (mask.dtype() != DType.I32 || !mask.dims().equals(q.dims().subList(0, 2))) {
                throw mismatch(Op.MULTI_HEAD_ATTENTION, q, mask);
            }
        }
        return Type.of(q);
    }

    private static Type conv(Value x, Value w, Attributes attributes) {
        List<Long> strides = attributes.integers("strides");
        List<Dim> dims = new ArrayList<>(List.of(x.dim(0), w.dim(0)));
        for (int axis = 0; axis < strides.size(); axis++) {
            dims.add(Dim.of((x.size(axis + 2) - w.size(axis + 2)) / strides.get(axis) + 1));
        }
        return new Type(x.dtype(), dims);
    }

    private static IllegalArgumentException misused(Op op, Value x, Attributes attributes) {
        return new IllegalArgumentException(op + " " + attributes.values() + " does not fit " + x);
    }

    static IllegalArgumentException mismatch(Op op, Value a, Value b) {
        return new IllegalArgumentException(op + " cannot join " + a + " and " + b);
    }
}
