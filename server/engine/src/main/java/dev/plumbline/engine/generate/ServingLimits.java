package dev.plumbline.engine.generate;

import dev.plumbline.engine.checkpoint.SystemMemory;
import dev.plumbline.engine.model.ModelFacts;

/**
 * How much one model does at a time.
 *
 * @param slots answers under way at most, which share every decode step
 * @param kvBytes of their keys and values at most
 * @param prefixBytes of keys and values kept of the beginnings of prompts; 0 keeps none
 * @param chunk tokens of prompts read between two decode steps
 * @param queue requests that may wait for a slot
 */
public record ServingLimits(int slots, long kvBytes, long prefixBytes, int chunk, int queue) {
    public static final int DEFAULT_SLOTS = 16;
    public static final int DEFAULT_QUEUE = 64;

    /** Measured: smaller ones read prompts slower, larger ones stall answers for longer. */
    public static final int DEFAULT_CHUNK = 256;

    private static final long MOST_PREFIX_BYTES = 4L << 30;

    public ServingLimits {
        require(slots >= 1, "slots", slots);
        require(kvBytes >= 1, "kvBytes", kvBytes);
        require(prefixBytes >= 0, "prefixBytes", prefixBytes);
        require(chunk >= 1, "chunk", chunk);
        require(queue >= 0, "queue", queue);
    }

    /** What suits a model and the memory that is free now. */
    public static ServingLimits defaults(ModelFacts facts) {
        return of(facts, DEFAULT_SLOTS, DEFAULT_QUEUE, new SystemMemory().availableBytes());
    }

    /**
     * A quarter of the free memory for keys and values, or a half where one whole context takes
     * more; an eighth for beginnings of prompts.
     */
    public static ServingLimits of(ModelFacts facts, int slots, int queue, long freeBytes) {
        long context = facts.contextLength() * facts.cacheBytesPerToken();
        long least = Math.min(context, freeBytes / 2);
        long most = Math.multiplyExact(slots, context);
        long bytes = Math.max(least, Math.min(most, freeBytes / 4));
        return new ServingLimits(
                slots,
                Math.max(bytes, facts.cacheBytesPerToken()),
                Math.min(freeBytes / 8, MOST_PREFIX_BYTES),
                DEFAULT_CHUNK,
                queue);
    }

    private static void require(boolean condition, String name, long value) {
        if (!condition) {
            throw new IllegalArgumentException(name + " cannot be " + value);
        }
    }
}
