package dev.plumbline.engine.model;

/**
 * What a folder needs to be served, told from its headers alone.
 *
 * @param neededBytes weights in fp32, one cache of the whole context, activations of a prefill
 */
public record MemoryEstimate(long neededBytes, long availableBytes) {
    public boolean fits() {
        return neededBytes <= availableBytes;
    }
}
