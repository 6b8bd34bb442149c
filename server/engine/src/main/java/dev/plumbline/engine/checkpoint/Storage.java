package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.tensor.BlockQuantizer;
import dev.plumbline.engine.tensor.DType;

/** How one weight of a checkpoint is kept for serving. */
public enum Storage {
    /** In fp32: where it lies if it is stored so, otherwise converted once. */
    FP32(0),
    /** Where it lies, if it is stored in fp32, fp16 or bf16. */
    AS_STORED(0),
    /** In blocks of 8 bits, see {@link BlockQuantizer}. */
    INT8(8),
    /** In blocks of 4 bits, see {@link BlockQuantizer}. */
    INT4(4);

    private final int bits;

    Storage(int bits) {
        this.bits = bits;
    }

    public boolean isQuantized() {
        return bits > 0;
    }

    /** Of one quantized weight. */
    public int bits() {
        return bits;
    }

    /** What numbers and scales of a quantized matrix take, in bytes. */
    public long quantizedBytes(long rows, long columns) {
        BlockQuantizer quantizer = new BlockQuantizer(bits);
        return rows
                * (quantizer.bytesPerRow(columns) + quantizer.scalesPerRow(columns) * Float.BYTES);
    }

    /** Whether a tensor stored in that type serves as it is. */
    boolean serves(DType stored) {
        return switch (this) {
            case FP32 -> stored == DType.F32 || !WeightIndex.isFloating(stored);
            case AS_STORED -> stored != DType.F64;
            case INT8, INT4 -> false;
        };
    }
}
