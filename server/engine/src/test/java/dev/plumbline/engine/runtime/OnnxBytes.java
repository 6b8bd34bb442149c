package dev.plumbline.engine.runtime;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Writes small graphs as ONNX bytes, field by field as numbered in onnx.proto. */
final class OnnxBytes {
    private ByteString graph = message(out -> out.writeString(2, "test"));

    private interface Fields {
        void writeTo(CodedOutputStream out) throws IOException;
    }

    /** An attribute whose value is one message or number. */
    record Attribute(ByteString bytes) {
        static Attribute of(String name, long value) {
            return new Attribute(
                    message(out -> {
                        out.writeString(1, name);
                        out.writeInt64(3, value);
                        out.writeEnum(20, 2);
                    }));
        }

        static Attribute of(String name, OnnxBytes graph) {
            return new Attribute(
                    message(out -> {
                        out.writeString(1, name);
                        out.writeBytes(6, graph.graph);
                        out.writeEnum(20, 5);
                    }));
        }
    }

    OnnxBytes node(
            String operator, List<String> inputs, List<String> outputs, Attribute... attributes) {
        return add(
                1,
                out -> {
                    for (String input : inputs) {
                        out.writeString(1, input);
                    }
                    for (String output : outputs) {
                        out.writeString(2, output);
                    }
                    out.writeString(4, operator);
                    for (Attribute attribute : attributes) {
                        out.writeBytes(5, attribute.bytes());
                    }
                });
    }

    /** Sizes are numbers, or names for those known only at run time. */
    OnnxBytes input(String name, DType type, Object... sizes) {
        return add(11, value(name, type, sizes));
    }

    OnnxBytes output(String name, DType type, Object... sizes) {
        return add(12, value(name, type, sizes));
    }

    OnnxBytes weight(String name, DType type, Shape shape) {
        ByteString location =
                message(out -> {
                    out.writeString(1, "location");
                    out.writeString(2, "weights");
                });
        return add(
                5,
                out -> {
                    for (long size : shape.sizes()) {
                        out.writeInt64(1, size);
                    }
                    out.writeInt32(2, type.onnxCode());
                    out.writeString(8, name);
                    out.writeBytes(13, location);
                    out.writeEnum(14, 1);
                });
    }

    byte[] model() {
        return message(
                        out -> {
                            out.writeInt64(1, 10);
                            out.writeBytes(7, graph);
                            out.writeBytes(8, message(opset -> opset.writeInt64(2, 21)));
                        })
                .toByteArray();
    }

    private OnnxBytes add(int field, Fields fields) {
        ByteString added = message(fields);
        graph = graph.concat(message(out -> out.writeBytes(field, added)));
        return this;
    }

    private static Fields value(String name, DType type, Object... sizes) {
        ByteString shape =
                message(out -> {
                    for (Object size : sizes) {
                        out.writeBytes(1, dimension(size));
                    }
                });
        ByteString tensor =
                message(out -> {
                    out.writeInt32(1, type.onnxCode());
                    out.writeBytes(2, shape);
                });
        return out -> {
            out.writeString(1, name);
            out.writeBytes(2, message(holder -> holder.writeBytes(1, tensor)));
        };
    }

    private static ByteString dimension(Object size) {
        return message(out -> {
            if (size instanceof Integer number) {
                out.writeInt64(1, number);
            } else {
                out.writeString(2, size.toString());
            }
        });
    }

    private static ByteString message(Fields fields) {
        ByteString.Output bytes = ByteString.newOutput();
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            fields.writeTo(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteString();
    }
}
