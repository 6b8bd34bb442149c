package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Tensor;

/**
 * What LoRA adds to a linear layer W: {@code y = W x + scaling · B (A x)}.
 *
 * @param a F32 [rank, in]
 * @param b F32 [out, rank]
 */
public record LoraPair(Tensor a, Tensor b, double alpha, boolean rankStabilized) {
    public LoraPair {
        boolean matrices = a.shape().rank() == 2 && b.shape().rank() == 2;
        if (!matrices || a.dtype() != DType.F32 || b.dtype() != DType.F32) {
            throw new IllegalArgumentException("%s and %s are no matrices of F32".formatted(a, b));
        }
        if (a.shape().get(0) != b.shape().get(1) || a.shape().get(0) < 1) {
            throw new IllegalArgumentException("%s and %s differ in rank".formatted(a, b));
        }
    }

    public int rank() {
        return Math.toIntExact(a.shape().get(0));
    }

    public double scaling() {
        return rankStabilized ? alpha / Math.sqrt(rank()) : alpha / rank();
    }

    public long parameters() {
        return a.shape().elements() + b.shape().elements();
    }
}
