package dev.plumbline.engine.model;

import dev.plumbline.engine.checkpoint.SystemMemory;
import dev.plumbline.engine.graph.ValueMemory;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Precision;
import java.util.List;
import java.util.Map;

/** Tells what a CLIP model would take, from its configuration. */
final class ClipMemory {
    private ClipMemory() {}

    static MemoryEstimate estimate(ClipConfig config) {
        long weights =
                config.tensors().values().stream()
                        .mapToLong(shape -> DType.F32.bytes(shape.elements()))
                        .sum();
        Map<String, Long> batch = Map.of("B", (long) ClipTowers.picturesPerRun(config));
        long vision = new ValueMemory(config.images(), batch).peak();
        return new MemoryEstimate(
                Precision.FP32,
                config.text().maxPositionEmbeddings(),
                new MemoryParts(weights, 0, 0, 0, vision),
                new MemoryEstimate.Training(0, 0),
                new SystemMemory().availableBytes(),
                List.of());
    }
}
