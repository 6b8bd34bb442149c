package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a model takes in memory, told from the headers of its files before any weight is read.
 *
 * @param weightBytes all weights in fp32
 * @param workBytes what comes on top: caches, activations
 */
public record MemoryNeed(long weightBytes, long workBytes) {
    public static MemoryNeed of(WeightIndex index, long workBytes) {
        return new MemoryNeed(index.fp32Bytes(), workBytes);
    }

    public long totalBytes() {
        return weightBytes + workBytes;
    }

    /**
     * Refuses a model that would not fit.
     *
     * @param folder the model's, for the message
     * @param available bytes that may be used, see {@link SystemMemory#availableBytes}
     * @throws PlumblineException {@code MEMORY_INSUFFICIENT} with needed and available bytes
     */
    public void requireAvailable(Path folder, long available) {
        if (totalBytes() <= available) {
            return;
        }
        throw new PlumblineException(
                ErrorCode.RESOURCE_EXHAUSTED,
                "MEMORY_INSUFFICIENT",
                ("the model in %s needs %d bytes of memory in fp32, %d are available; free memory"
                                + " or choose a smaller model")
                        .formatted(folder, totalBytes(), available),
                Map.of(
                        "path", folder.toString(),
                        "needed_bytes", Long.toString(totalBytes()),
                        "available_bytes", Long.toString(available)));
    }
}
