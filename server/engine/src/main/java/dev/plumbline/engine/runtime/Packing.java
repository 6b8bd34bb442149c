package dev.plumbline.engine.runtime;

/** Whether a session rearranges its weights for its kernels. */
public enum Packing {
    /** They are read where they are: right for fp32, of which packing would make a second copy. */
    NONE,
    /**
     * They are rearranged once, in a copy that all sessions over the same {@link Weights} share.
     * Products with quantized weights are slower by two orders of magnitude without.
     */
    SHARED
}
