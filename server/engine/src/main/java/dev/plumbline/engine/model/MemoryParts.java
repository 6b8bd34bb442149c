package dev.plumbline.engine.model;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a model takes in memory while it is served, in bytes.
 *
 * @param weights mapped from files, which the system may drop and read again; without the quantized
 *     ones, which are read from their packed copy
 * @param packed quantized weights in the order in which the processor takes them
 * @param cache keys and values of as many tokens as the estimate is for
 * @param prefill activations of the largest piece of a prompt
 * @param vision activations of the largest picture
 */
public record MemoryParts(long weights, long packed, long cache, long prefill, long vision) {
    public long total() {
        return weights + packed + cache + prefill + vision;
    }

    /** By name, in the order of the constructor. */
    public Map<String, Long> byName() {
        Map<String, Long> parts = new LinkedHashMap<>();
        parts.put("weights", weights);
        parts.put("packed", packed);
        parts.put("cache", cache);
        parts.put("prefill", prefill);
        parts.put("vision", vision);
        return parts;
    }
}
