package dev.plumbline.engine.onnx;

import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.graph.Node;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.onnx.format.DimensionProto;
import dev.plumbline.engine.onnx.format.GraphProto;
import dev.plumbline.engine.onnx.format.ModelProto;
import dev.plumbline.engine.onnx.format.OperatorSetIdProto;
import dev.plumbline.engine.onnx.format.StringStringEntryProto;
import dev.plumbline.engine.onnx.format.TensorProto;
import dev.plumbline.engine.onnx.format.TensorShapeProto;
import dev.plumbline.engine.onnx.format.TensorTypeProto;
import dev.plumbline.engine.onnx.format.TypeProto;
import dev.plumbline.engine.onnx.format.ValueInfoProto;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.ByteBuffer;

/**
 * Writes a graph as an ONNX model (IR version 11, opset 23, com.microsoft 1). Weights are declared
 * as external: their bytes are given to the session, and the model stays a few kilobytes.
 */
public final class OnnxWriter {
    /** Where external weights claim to lie; the runtime makes a file of this name. */
    private static final String WEIGHTS_FILE = "weights";

    private static final int IR_VERSION = 11;
    private static final int OPSET = 23;

    private final GraphProto.Builder proto = GraphProto.newBuilder();
    private final NodeWriter nodes = new NodeWriter(proto);

    private OnnxWriter() {}

    public static byte[] write(Graph graph) {
        OnnxWriter writer = new OnnxWriter();
        writer.addGraph(graph);
        return ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("plumbline")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
                .addOpsetImport(
                        OperatorSetIdProto.newBuilder().setDomain("com.microsoft").setVersion(1))
                .setGraph(writer.proto)
                .build()
                .toByteArray();
    }

    private void addGraph(Graph graph) {
        proto.setName(graph.name());
        graph.inputs().forEach(value -> proto.addInput(info(value)));
        graph.outputs().forEach(value -> proto.addOutput(info(value)));
        graph.weights().forEach(value -> proto.addInitializer(external(value)));
        graph.constants()
                .forEach((value, tensor) -> proto.addInitializer(inline(value.name(), tensor)));
        for (Node node : graph.nodes()) {
            nodes.add(node);
        }
    }

    private static TensorProto external(Value value) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder()
                        .setName(value.name())
                        .setDataType(value.dtype().onnxCode())
                        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                        .addExternalData(
                                StringStringEntryProto.newBuilder()
                                        .setKey("location")
                                        .setValue(WEIGHTS_FILE));
        for (int axis = 0; axis < value.rank(); axis++) {
            tensor.addDims(value.size(axis));
        }
        return tensor.build();
    }

    static TensorProto inline(String name, Tensor tensor) {
        TensorProto.Builder proto =
                TensorProto.newBuilder()
                        .setName(name)
                        .setDataType(tensor.dtype().onnxCode())
                        .addAllDims(tensor.shape().sizes());
        switch (tensor.dtype()) {
            case F32 -> {
                for (float value : tensor.toFloats()) {
                    proto.addFloatData(value);
                }
            }
            case F64 -> {
                for (double value : tensor.toDoubles()) {
                    proto.addDoubleData(value);
                }
            }
            case I64 -> {
                for (long value : tensor.toLongs()) {
                    proto.addInt64Data(value);
                }
            }
            case I32 -> {
                for (long value : tensor.toLongs()) {
                    proto.addInt32Data((int) value);
                }
            }
            case U8, U4 -> {
                // One number a byte, which of U4 holds two elements.
                int count = Math.toIntExact(tensor.byteSize());
                ByteBuffer bytes = tensor.bytes(0, count);
                for (int i = 0; i < count; i++) {
                    proto.addInt32Data(Byte.toUnsignedInt(bytes.get(i)));
                }
            }
            default -> throw new IllegalArgumentException("no constant of type " + tensor.dtype());
        }
        return proto.build();
    }

    private static ValueInfoProto info(Value value) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (Dim dim : value.dims()) {
            DimensionProto.Builder size = DimensionProto.newBuilder();
            switch (dim) {
                case Dim.Fixed(long number) -> size.setDimValue(number);
                case Dim.Symbol(String name) -> size.setDimParam(name);
            }
            shape.addDim(size);
        }
        return ValueInfoProto.newBuilder()
                .setName(value.name())
                .setType(
                        TypeProto.newBuilder()
                                .setTensorType(
                                        TensorTypeProto.newBuilder()
                                                .setElemType(value.dtype().onnxCode())
                                                .setShape(shape)))
                .build();
    }
}
