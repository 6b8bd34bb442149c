package dev.plumbline.engine.onnx;

import com.google.protobuf.ByteString;
import dev.plumbline.engine.graph.Node;
import dev.plumbline.engine.graph.Op;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.onnx.format.AttributeProto;
import dev.plumbline.engine.onnx.format.GraphProto;
import dev.plumbline.engine.onnx.format.NodeProto;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Writes the nodes of a graph, and bridges the few places where our operators are not ONNX's. */
final class NodeWriter {
    private static final String ABSENT = "";

    private final GraphProto.Builder graph;

    NodeWriter(GraphProto.Builder graph) {
        this.graph = graph;
    }

    void add(Node node) {
        if (node.op() == Op.MATMUL && node.output().dtype() == DType.F64) {
            addPlainMatmul(node);
            return;
        }
        List<String> inputs = new ArrayList<>(node.inputs().stream().map(Value::name).toList());
        Map<String, Object> attributes = node.attributes().values();
        switch (node.op()) {
            case RESHAPE -> inputs.add(constant(node, "shape"));
            case REDUCE_SUM, REDUCE_MAX -> inputs.add(constant(node, "axes"));
            case SLICE -> {
                for (String part : List.of("start", "end", "axis")) {
                    inputs.add(constant(node, part));
                }
            }
            case DROPOUT -> {
                String kept = kept(node);
                inputs.clear();
                inputs.addAll(List.of(kept, node.input(0).name(), zero(node)));
            }
            case RESHAPE_LIKE, EXPAND_LIKE -> inputs.set(1, shapeOf(node.input(1), node));
            case ZEROS_LIKE -> inputs.set(0, shapeOf(node.input(0), node));
            case MULTI_HEAD_ATTENTION -> {
                if (inputs.size() > 3) {
                    inputs.add(3, ABSENT); // ONNX Runtime takes a bias before the mask.
                }
            }
            default -> {}
        }
        NodeProto.Builder proto =
                NodeProto.newBuilder()
                        .setName(node.output().name())
                        .setOpType(node.op().onnxName())
                        .setDomain(node.op().domain())
                        .addAllInput(inputs);
        node.outputs().forEach(value -> proto.addOutput(value.name()));
        attributes.forEach((name, value) -> {
            if (!isInput(node, name)) {
                proto.addAttribute(attribute(name, value));
            }
        });
        if (node.op() == Op.ZEROS_LIKE && node.output().dtype() == DType.F64) {
            // Without a value they are of type F32.
            proto.addAttribute(
                    AttributeProto.newBuilder()
                            .setName("value")
                            .setType(AttributeProto.Type.TENSOR)
                            .setT(OnnxWriter.inline("", Tensor.ofDoubles(Shape.of(1), 0))));
        }
        graph.addNode(proto);
    }

    /** Where the product of a token's and a feature's key is large enough. */
    private String kept(Node node) {
        String product = node.output().name() + ".keys";
        graph.addNode(
                NodeProto.newBuilder()
                        .setName(product)
                        .setOpType("Mul")
                        .addInput(node.input(1).name())
                        .addInput(node.input(2).name())
                        .addOutput(product));
        String kept = node.output().name() + ".kept";
        graph.addNode(
                NodeProto.newBuilder()
                        .setName(kept)
                        .setOpType("GreaterOrEqual")
                        .addInput(product)
                        .addInput(node.input(3).name())
                        .addOutput(kept));
        return kept;
    }

    private String zero(Node node) {
        String name = node.output().name() + ".zero";
        graph.addInitializer(OnnxWriter.inline(name, Tensor.of(Shape.of(), 0f)));
        return name;
    }

    /** The fused operator knows F32 only. */
    private void addPlainMatmul(Node node) {
        graph.addNode(
                NodeProto.newBuilder()
                        .setName(node.output().name())
                        .setOpType("MatMul")
                        .addInput(transposed(node, 0, "transA"))
                        .addInput(transposed(node, 1, "transB"))
                        .addOutput(node.output().name()));
    }

    private String transposed(Node node, int input, String flag) {
        Value value = node.input(input);
        if (!node.attributes().flag(flag)) {
            return value.name();
        }
        List<Long> axes = new ArrayList<>();
        for (long axis = 0; axis < value.rank(); axis++) {
            axes.add(axis);
        }
        Collections.swap(axes, value.rank() - 2, value.rank() - 1);
        String name = node.output().name() + "." + flag;
        graph.addNode(
                NodeProto.newBuilder()
                        .setName(name)
                        .setOpType("Transpose")
                        .addInput(value.name())
                        .addAttribute(attribute("perm", axes))
                        .addOutput(name));
        return name;
    }

    /** Attributes of ours that ONNX takes as inputs. */
    private static boolean isInput(Node node, String name) {
        return switch (node.op()) {
            case RESHAPE -> name.equals("shape");
            case REDUCE_SUM, REDUCE_MAX -> name.equals("axes");
            case SLICE -> true;
            default -> false;
        };
    }

    private String constant(Node node, String attribute) {
        Object value = node.attributes().values().get(attribute);
        List<Long> values =
                value instanceof Long number
                        ? List.of(number)
                        : node.attributes().integers(attribute);
        String name = node.output().name() + "." + attribute;
        long[] numbers = values.stream().mapToLong(Long::longValue).toArray();
        graph.addInitializer(OnnxWriter.inline(name, Tensor.of(Shape.of(numbers.length), numbers)));
        return name;
    }

    private String shapeOf(Value value, Node reader) {
        String name = reader.output().name() + ".shape";
        graph.addNode(
                NodeProto.newBuilder()
                        .setName(name)
                        .setOpType("Shape")
                        .addInput(value.name())
                        .addOutput(name));
        return name;
    }

    private static AttributeProto attribute(String name, Object value) {
        AttributeProto.Builder proto = AttributeProto.newBuilder().setName(name);
        switch (value) {
            case Long number -> proto.setI(number).setType(AttributeProto.Type.INT);
            case Float number -> proto.setF(number).setType(AttributeProto.Type.FLOAT);
            case String text ->
                    proto.setS(ByteString.copyFromUtf8(text)).setType(AttributeProto.Type.STRING);
            case List<?> numbers -> {
                numbers.forEach(number -> proto.addInts((Long) number));
                proto.setType(AttributeProto.Type.INTS);
            }
            default -> throw new IllegalArgumentException(name + ": " + value);
        }
        return proto.build();
    }
}
