package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.tensor.Tensor;

/**
 * What holds for every module of an adapter that says nothing else.
 *
 * @param baseModel name or path of the model it was made for, for people; may be empty
 * @param dropout between 0 (inclusive) and 1, during training only
 * @param rankStabilized scale by alpha / √rank instead of alpha / rank (arXiv 2312.03732)
 */
public record LoraConfig(
        String baseModel, int rank, double alpha, double dropout, boolean rankStabilized) {
    public LoraConfig {
        if (rank < 1) {
            throw new IllegalArgumentException("rank " + rank + " is not positive");
        }
        if (!Double.isFinite(alpha)) {
            throw new IllegalArgumentException("alpha " + alpha + " is not finite");
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout " + dropout + " is not in [0, 1)");
        }
    }

    /** An adapter whose modules all have the same rank and alpha, without dropout. */
    public static LoraConfig of(String baseModel, int rank, double alpha) {
        return new LoraConfig(baseModel, rank, alpha, 0, false);
    }

    /** The same, trained with another dropout. */
    public LoraConfig withDropout(double other) {
        return new LoraConfig(baseModel, rank, alpha, other, rankStabilized);
    }

    /** A module's pair under this configuration's alpha and kind of scaling. */
    public LoraPair pair(Tensor a, Tensor b) {
        return new LoraPair(a, b, alpha, rankStabilized);
    }
}
