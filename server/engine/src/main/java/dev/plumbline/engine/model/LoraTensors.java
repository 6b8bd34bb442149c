package dev.plumbline.engine.model;

import dev.plumbline.engine.tensor.Tensor;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a graph with LoRA is fed: {@code A} [rank, in] and {@code B} [out, rank], scaled, by the
 * names of the graph's inputs.
 *
 * @param modules the adapted layers, which choose the graph
 * @param dropout in training only
 */
public record LoraTensors(
        Set<String> modules, Map<String, Tensor> inputs, Optional<LoraDropout> dropout) {
    public static final LoraTensors NONE = new LoraTensors(Set.of(), Map.of());

    public LoraTensors {
        modules = Set.copyOf(modules);
        inputs = Map.copyOf(inputs);
    }

    /** Without dropout. */
    public LoraTensors(Set<String> modules, Map<String, Tensor> inputs) {
        this(modules, inputs, Optional.empty());
    }
}
