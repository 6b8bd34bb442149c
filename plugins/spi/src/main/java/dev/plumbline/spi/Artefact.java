package dev.plumbline.spi;

import java.util.Map;

/**
 * Named arrays that outlive the process.
 *
 * @param metadata such as the options that they were fitted with
 */
public record Artefact(Map<String, Array> tensors, Map<String, String> metadata) {
    public Artefact {
        tensors = Map.copyOf(tensors);
        metadata = Map.copyOf(metadata);
    }
}
