package dev.plumbline.engine.tensor;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.util.Map;

/** The type of a tensor's elements; its name is the one that safetensors headers use. */
public enum DType {
    F32(32, 1),
    F16(16, 10),
    BF16(16, 16),
    F64(64, 11),
    I8(8, 3),
    U8(8, 2),
    I32(32, 6),
    I64(64, 7),
    BOOL(8, 9),
    /** Two elements in a byte, the first in its lower half. */
    U4(4, 21);

    private final int bits;
    private final int onnxCode;

    DType(int bits, int onnxCode) {
        this.bits = bits;
        this.onnxCode = onnxCode;
    }

    /** Size of one element in bytes; see {@link #bytes(long)} for types of less than a byte. */
    public int bytes() {
        if (bits < Byte.SIZE) {
            throw new IllegalStateException("an element of " + this + " is no whole byte");
        }
        return bits / Byte.SIZE;
    }

    /** Size of so many elements in bytes. */
    public long bytes(long elements) {
        return Math.ceilDiv(Math.multiplyExact(elements, bits), Byte.SIZE);
    }

    /** The number in ONNX's {@code TensorProto.DataType}, which ONNX Runtime's C API shares. */
    public int onnxCode() {
        return onnxCode;
    }

    /** The name in the header of a safetensors file, which has none for {@link #U4}. */
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
            if (type != U4 && type.safetensorsName().equals(name)) {
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
