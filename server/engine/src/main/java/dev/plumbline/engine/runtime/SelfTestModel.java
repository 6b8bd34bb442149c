package dev.plumbline.engine.runtime;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * {@code y = (x - w) * z} for vectors of two numbers, w an external weight, as ONNX bytes. Field
 * numbers are those of onnx.proto.
 */
final class SelfTestModel {
    private static final int IR_VERSION = 10;
    private static final int OPSET = 21;
    private static final int FLOAT = 1;
    private static final int EXTERNAL = 1;

    /** Writes the fields of one message. */
    private interface Fields {
        void writeTo(CodedOutputStream out) throws IOException;
    }

    private SelfTestModel() {}

    static byte[] bytes() {
        return message(
                        out -> {
                            out.writeInt64(1, IR_VERSION);
                            out.writeBytes(7, graph());
                            out.writeBytes(8, message(opset -> opset.writeInt64(2, OPSET)));
                        })
                .toByteArray();
    }

    private static ByteString graph() {
        return message(out -> {
            out.writeBytes(1, node("Sub", "x", "w", "difference"));
            out.writeBytes(1, node("Mul", "difference", "z", "y"));
            out.writeString(2, "self-test");
            out.writeBytes(5, weight());
            out.writeBytes(11, vector("x"));
            out.writeBytes(11, vector("z"));
            out.writeBytes(12, vector("y"));
        });
    }

    private static ByteString node(String operator, String left, String right, String output) {
        return message(out -> {
            out.writeString(1, left);
            out.writeString(1, right);
            out.writeString(2, output);
            out.writeString(4, operator);
        });
    }

    private static ByteString weight() {
        ByteString location =
                message(out -> {
                    out.writeString(1, "location");
                    out.writeString(2, "weights");
                });
        return message(out -> {
            out.writeInt64(1, 2);
            out.writeInt32(2, FLOAT);
            out.writeString(8, "w");
            out.writeBytes(13, location);
            out.writeEnum(14, EXTERNAL);
        });
    }

    private static ByteString vector(String name) {
        ByteString size = message(out -> out.writeInt64(1, 2));
        ByteString shape = message(out -> out.writeBytes(1, size));
        ByteString tensor =
                message(out -> {
                    out.writeInt32(1, FLOAT);
                    out.writeBytes(2, shape);
                });
        ByteString type = message(out -> out.writeBytes(1, tensor));
        return message(out -> {
            out.writeString(1, name);
            out.writeBytes(2, type);
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
