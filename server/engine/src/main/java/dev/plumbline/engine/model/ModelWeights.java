package dev.plumbline.engine.model;

import dev.plumbline.engine.tensor.QuantizedMatrix;
import dev.plumbline.engine.tensor.Tensor;
import java.util.Map;

/**
 * The weights of a model as they are kept.
 *
 * @param plain F32, and F16 or BF16 where rows are only looked up
 * @param quantized weights of linear layers
 * @param roundsActivations whether products with quantized weights may round what they are given
 */
public record ModelWeights(
        Map<String, Tensor> plain,
        Map<String, QuantizedMatrix> quantized,
        boolean roundsActivations) {
    public ModelWeights {
        plain = Map.copyOf(plain);
        quantized = Map.copyOf(quantized);
    }

    /** All in fp32. */
    public static ModelWeights plain(Map<String, Tensor> tensors) {
        return new ModelWeights(tensors, Map.of(), false);
    }
}
