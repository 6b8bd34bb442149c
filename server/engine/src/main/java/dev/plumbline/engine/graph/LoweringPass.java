package dev.plumbline.engine.graph;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.BlockQuantizer;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** One graph on its way through {@link Lowering}. */
final class LoweringPass {
    private final Lowering lowering;
    private final Graph graph;
    private final GraphBuilder builder;

    /** Old values that are no weights, to new ones. */
    private final Map<Value, Value> values = new HashMap<>();

    /** The summands of activations, which several products share. */
    private final Map<Value, Value> summands = new HashMap<>();

    LoweringPass(Lowering lowering, Graph graph) {
        this.lowering = lowering;
        this.graph = graph;
        builder = new GraphBuilder(graph.name(), "lowered_");
    }

    Graph run() {
        graph.inputs().forEach(v -> values.put(v, builder.input(v.name(), v.dtype(), v.dims())));
        graph.constants().forEach((v, tensor) -> values.put(v, builder.copy(v, tensor)));
        graph.nodes().forEach(this::lower);
        graph.outputs().forEach(v -> builder.output(Objects.requireNonNull(values.get(v))));
        return builder.build();
    }

    private void lower(Node node) {
        Optional<StoredMatrix> matrix = multiplied(node);
        if (matrix.isPresent()) {
            Value x = value(node, 0);
            boolean forward = node.attributes().flag("transB");
            String name = node.output().name();
            values.put(
                    node.output(),
                    forward ? forward(x, matrix.get(), name) : backward(x, matrix.get(), name));
        } else if (node.op() == Op.GATHER && isHalf(node.input(0))) {
            // The rows that are wanted, and not the whole table, become F32.
            Value rows = ShapeOps.gather(stored(node, node.input(0)), value(node, 1));
            values.put(node.output(), widen(rows, List.of(node.output().name())));
        } else {
            copy(node);
        }
    }

    private void copy(Node node) {
        List<Value> in = new ArrayList<>();
        for (int i = 0; i < node.inputs().size(); i++) {
            in.add(value(node, i));
        }
        List<Value> out = builder.copy(node, in);
        for (int i = 0; i < out.size(); i++) {
            values.put(node.outputs().get(i), out.get(i));
        }
    }

    /** The quantized weight that a node multiplies with. */
    private Optional<StoredMatrix> multiplied(Node node) {
        if (node.op() != Op.MATMUL
                || node.attributes().flag("transA")
                || values.containsKey(node.input(1))) {
            return Optional.empty();
        }
        return Optional.ofNullable(lowering.matrices().get(node.input(1).name()));
    }

    /** {@code x W^T}. */
    private Value forward(Value x, StoredMatrix matrix, String name) {
        if (lowering.roundsActivations()) {
            return matrix.roundedProduct(x, name);
        }
        if (matrix.columns() % BlockQuantizer.BLOCK != 0) {
            return unblocked(x, matrix, name);
        }
        Value both = summands.computeIfAbsent(x, QuantizedOps::summands);
        Value products = matrix.roundedProduct(both, name + ".summands");
        Attributes axes = Attributes.of("axes", List.of((long) x.rank() - 1), "keepdims", 0L);
        return named(Op.REDUCE_SUM, List.of(products), axes, name);
    }

    /** {@code x W^T} where x cannot be cut into blocks. */
    private Value unblocked(Value x, StoredMatrix matrix, String name) {
        List<Value> parts = new ArrayList<>();
        for (StoredMatrix.Part part : matrix.parts()) {
            parts.add(NeuralOps.linear(x, matrix.dequantize(builder, part)));
        }
        return named(Op.CONCAT, parts, Attributes.of("axis", (long) x.rank() - 1), name);
    }

    /** {@code y W}, the derivative's direction: a sum over the parts of W's rows. */
    private Value backward(Value y, StoredMatrix matrix, String name) {
        List<StoredMatrix.Part> parts = matrix.parts();
        List<Value> products = new ArrayList<>();
        for (StoredMatrix.Part part : parts) {
            Value some =
                    parts.size() == 1
                            ? y
                            : ShapeOps.slice(y, y.rank() - 1, part.start(), part.end());
            products.add(NeuralOps.matmul(some, matrix.dequantize(builder, part)));
        }
        Value sum = products.stream().reduce(MathOps::add).orElseThrow();
        return named(Op.DETACH, List.of(sum), Attributes.NONE, name);
    }

    private Value named(Op op, List<Value> in, Attributes attributes, String name) {
        return builder.applyAll(op, in, attributes, List.of(name)).getFirst();
    }

    /** What stands for an input of a node. */
    private Value value(Node node, int index) {
        Value old = node.input(index);
        Value known = values.get(old);
        if (known != null) {
            return known;
        }
        Value weight = stored(node, old);
        return weight.dtype() == old.dtype() ? weight : widen(weight, List.of());
    }

    /** A weight as it is kept. */
    private Value stored(Node node, Value weight) {
        DType dtype = lowering.plain().get(weight.name());
        if (dtype == null && lowering.matrices().containsKey(weight.name())) {
            throw new PlumblineException(
                    ErrorCode.INTERNAL,
                    "WEIGHT_QUANTIZED",
                    "%s reads the weight %s, which is kept in blocks only"
                            .formatted(node.op(), weight.name()),
                    Map.of("weight", weight.name(), "operator", node.op().name()));
        }
        List<Long> sizes = new ArrayList<>();
        for (int axis = 0; axis < weight.rank(); axis++) {
            sizes.add(weight.size(axis));
        }
        DType kept = dtype == null ? weight.dtype() : dtype;
        return builder.weight(weight.name(), kept, new Shape(sizes));
    }

    private boolean isHalf(Value value) {
        DType dtype = lowering.plain().get(value.name());
        return !values.containsKey(value) && (dtype == DType.F16 || dtype == DType.BF16);
    }

    private Value widen(Value x, List<String> names) {
        Attributes attributes = Attributes.of("to", (long) DType.F32.onnxCode());
        return builder.applyAll(Op.CAST, List.of(x), attributes, names).getFirst();
    }
}
