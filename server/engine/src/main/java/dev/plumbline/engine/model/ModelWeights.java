package dev.plumbline.engine.model;

import dev.plumbline.engine.graph.Lowering;
import dev.plumbline.engine.graph.StoredMatrix;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.QuantizedMatrix;
import dev.plumbline.engine.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/**
 * The weights of a model as they are kept.
 *
 * @param plain F32, and F16 or BF16 where rows are only looked up
 * @param quantized weights of linear layers
 * @param roundsActivations whether activations are rounded to eight bits in generation
 */
public record ModelWeights(
        Map<String, Tensor> plain,
        Map<String, QuantizedMatrix> quantized,
        boolean roundsActivations) {
    public ModelWeights {
        plain = Map.copyOf(plain);
        quantized = Map.copyOf(quantized);
    }

    /** What a session reads, by the names that lowered graphs have for it. */
    Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new HashMap<>(plain);
        quantized.forEach(
                (name, matrix) -> tensors.putAll(StoredMatrix.of(name, matrix).tensors(matrix)));
        return tensors;
    }

    /**
     * How graphs in fp32 are rewritten for these weights.
     *
     * @param rounds whether their activations are rounded to eight bits
     */
    Lowering lowering(boolean rounds) {
        Map<String, DType> types = new HashMap<>();
        plain.forEach((name, tensor) -> types.put(name, tensor.dtype()));
        Map<String, StoredMatrix> matrices = new HashMap<>();
        quantized.forEach((name, matrix) -> matrices.put(name, StoredMatrix.of(name, matrix)));
        return new Lowering(types, matrices, rounds);
    }

    /** Lets go of the stored matrices, which sessions that have packed them do not read. */
    void unload() {
        quantized
                .values()
                .forEach(matrix -> {
                    matrix.numbers().unload();
                    matrix.scales().unload();
                });
    }

    /** All in fp32. */
    public static ModelWeights plain(Map<String, Tensor> tensors) {
        return new ModelWeights(tensors, Map.of(), false);
    }
}
