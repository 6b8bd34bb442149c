package dev.plumbline.engine.tensor;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.util.Map;

/** The type of a tensor's elements; its name is the one that safetensors headers use. */
public enum DType {
    F32(4, 1),
    F16(2, 10),
    BF16(2, 16),
    F64(8, 11),
    I8(1, 3),
    U8(1, 2),
    I32(4, 6),
    I64(8, 7),
    BOOL(1, 9);

    private final int bytes;
    private final int onnxCode;

    DType(int bytes, int onnxCode) {
        this.bytes = bytes;
        this.onnxCode = onnxCode;
    }

    /** Size of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    /** The number in ONNX's {@code TensorProto.DataType}, which ONNX Runtime's C API shares. */
    public int onnxCode() {
        return onnxCode;
    }

    /** The name in the header of a safetensors file. */
    public String safetensorsName() {
        return name();
    }

    /**
     * The type of that name in a safetensors header.
     *
     * @throws PlumblineException if we have no such type, with reason {@code DTYPE_UNSUPPORTED}
     */
    public static DType ofSafetensors(String name) {
        for (DType type : values()) {
            if (type.safetensorsName().equals(name)) {
                return type;
            }
        }
        throw new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "DTYPE_UNSUPPORTED",
                "tensors of type " + name + " cannot be read; convert them to F32, F16 or BF16",
                Map.of("dtype", name));
    }

    /** The type with that number in ONNX's {@code TensorProto.DataType}. */
    public static DType ofOnnx(int code) {
        for (DType type : values()) {
            if (type.onnxCode == code) {
                return type;
            }
        }
        throw new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "DTYPE_UNSUPPORTED",
                "ONNX element type " + code + " is not one that Plumbline uses",
                Map.of("dtype", Integer.toString(code)));
    }
}
