package dev.plumbline.engine.tensor;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/** Reads and writes one element. Unaligned, since safetensors files align nothing. */
final class Elements {
    private Elements() {}

    static float getFloat(DType type, MemorySegment memory, long index) {
        return switch (type) {
            case F32 -> memory.getAtIndex(JAVA_FLOAT_UNALIGNED, index);
            case F64 -> (float) memory.getAtIndex(JAVA_DOUBLE_UNALIGNED, index);
            case F16 -> Float.float16ToFloat(memory.getAtIndex(JAVA_SHORT_UNALIGNED, index));
            case BF16 -> Float.intBitsToFloat(memory.getAtIndex(JAVA_SHORT_UNALIGNED, index) << 16);
            case I8, U8, U4, I32, I64, BOOL -> throw wrongType(type, "floating point");
        };
    }

    static void setFloat(DType type, MemorySegment memory, long index, float value) {
        switch (type) {
            case F32 -> memory.setAtIndex(JAVA_FLOAT_UNALIGNED, index, value);
            case F64 -> memory.setAtIndex(JAVA_DOUBLE_UNALIGNED, index, value);
            case F16 -> memory.setAtIndex(JAVA_SHORT_UNALIGNED, index, Float.floatToFloat16(value));
            case BF16 -> memory.setAtIndex(JAVA_SHORT_UNALIGNED, index, toBfloat16(value));
            case I8, U8, U4, I32, I64, BOOL -> throw wrongType(type, "floating point");
        }
    }

    static long getLong(DType type, MemorySegment memory, long index) {
        return switch (type) {
            case I64 -> memory.getAtIndex(JAVA_LONG_UNALIGNED, index);
            case I32 -> memory.getAtIndex(JAVA_INT_UNALIGNED, index);
            case I8 -> memory.get(JAVA_BYTE, index);
            case U8, BOOL -> memory.get(JAVA_BYTE, index) & 0xFF;
            case U4 -> memory.get(JAVA_BYTE, index / 2) >> (index % 2 * 4) & 0xF;
            case F32, F16, BF16, F64 -> throw wrongType(type, "integer");
        };
    }

    static void setLong(DType type, MemorySegment memory, long index, long value) {
        switch (type) {
            case I64 -> memory.setAtIndex(JAVA_LONG_UNALIGNED, index, value);
            case I32 -> memory.setAtIndex(JAVA_INT_UNALIGNED, index, Math.toIntExact(value));
            case BOOL -> memory.setAtIndex(JAVA_BYTE, index, (byte) (value == 0 ? 0 : 1));
            case F32, F16, BF16, F64, I8, U8 -> throw wrongType(type, "I32, I64 or BOOL");
        }
    }

    /** Rounds to nearest, ties to even, as PyTorch does; a NaN stays a NaN. */
    private static short toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }

    private static IllegalStateException wrongType(DType type, String wanted) {
        return new IllegalStateException("a tensor of " + type + " has no " + wanted + " elements");
    }
}
