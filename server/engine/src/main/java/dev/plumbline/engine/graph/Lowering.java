package dev.plumbline.engine.graph;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.DType;
import java.util.Map;

/**
 * Rewrites a finished graph for weights that are kept otherwise than in F32. A pure function, run
 * after automatic differentiation: what is derived is the graph in F32, and what runs computes the
 * same with the weights that the stored numbers stand for.
 *
 * @param plain types of the weights that are kept as they are named: F32, or F16 and BF16, which
 *     become F32 where they are used; those in neither map are F32
 * @param matrices weights that are quantized, by name; one that is in both maps is multiplied here
 *     and looked up there
 * @param roundsActivations whether products round what they are given to eight bits, instead of
 *     computing with some sixteen
 */
public record Lowering(
        Map<String, DType> plain, Map<String, StoredMatrix> matrices, boolean roundsActivations) {
    public Lowering {
        plain = Map.copyOf(plain);
        matrices = Map.copyOf(matrices);
    }

    /**
     * The same function of the same inputs, with outputs of the same names.
     *
     * @throws PlumblineException {@code WEIGHT_QUANTIZED} if a weight that is kept only in blocks
     *     is used otherwise than as the matrix of a product
     */
    public Graph lower(Graph graph) {
        boolean changes =
                !matrices.isEmpty() || plain.values().stream().anyMatch(t -> t != DType.F32);
        return changes ? new LoweringPass(this, graph).run() : graph;
    }
}
