package dev.plumbline.engine.model;

import static dev.plumbline.engine.graph.ShapeOps.flatten;
import static dev.plumbline.engine.graph.ShapeOps.gather;
import static dev.plumbline.engine.graph.ShapeOps.reshape;
import static dev.plumbline.engine.graph.ShapeOps.scatterRows;

import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.NeuralOps;
import dev.plumbline.engine.graph.ShapeOps;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What families share: the graphs of a Llama decoder with features of pictures in the places of
 * image tokens.
 *
 * @param tied whether the embedding is the head, too
 */
record LlamaWithPictures(LlamaConfig config, boolean tied) {
    static final String HEAD = "lm_head.weight";

    private static final String EMBEDDING = "language_model.model.embed_tokens.weight";

    /** See {@link ModelFamily#decoder}. */
    Graph decoder(Set<String> adapted) {
        GraphBuilder builder = new GraphBuilder("decoder");
        Projections projections = Projections.masked(builder, adapted);
        LlamaDecoder decoder = new LlamaDecoder(config, projections);
        Value hidden = embed(builder, decoder);
        Value positions = builder.input("logit_positions", DType.I64, Dim.shape("N"));
        LlamaDecoder.Attention attention = Attentions.fused(config, builder);
        // The mask of adapters is by sequence, and so wants all positions.
        Value wanted =
                adapted.isEmpty()
                        ? decoder.layers(hidden, attention, positions)
                        : gather(flatten(decoder.layers(hidden, attention)), positions);
        builder.output("logits", decoder.logits(wanted, head()));
        return builder.build();
    }

    /** See {@link ModelFamily#answers}. */
    AnswerGraph answers(Projections projections) {
        GraphBuilder builder = projections.builder();
        LlamaDecoder decoder = new LlamaDecoder(config, projections);
        Value hidden = embed(builder, decoder);
        Value positions = builder.input("answer_positions", DType.I64, Dim.shape("N"));
        Value ids = builder.input("answer_ids", DType.I64, Dim.shape("N", 1));
        hidden = decoder.layers(hidden, Attentions.differentiable(config, builder), positions);
        Value logits = decoder.logits(hidden, head());
        Value logps = ShapeOps.gatherElements(NeuralOps.logSoftmax(logits), ids);
        return new AnswerGraph(reshape(logps, "N"), projections.loraInputs());
    }

    private Value embed(GraphBuilder builder, LlamaDecoder decoder) {
        Value ids = builder.input("input_ids", DType.I64, Dim.shape("B", "S"));
        Value features =
                builder.input(
                        "image_features",
                        DType.F32,
                        Dim.shape("images", config.sizes().hiddenSize()));
        Value places = builder.input("image_positions", DType.I64, Dim.shape("images", 2));
        return scatterRows(decoder.embed(ids), places, features);
    }

    private String head() {
        return tied ? EMBEDDING : HEAD;
    }

    /** Weights that some graphs ask for, with their shapes. */
    static Map<String, Shape> weights(Graph... graphs) {
        Map<String, Shape> weights = new LinkedHashMap<>();
        for (Graph graph : graphs) {
            graph.weights()
                    .forEach(weight ->
                            weights.put(
                                    weight.name(),
                                    new Shape(
                                            weight.dims().stream()
                                                    .map(dim -> ((Dim.Fixed) dim).size())
                                                    .toList())));
        }
        return weights;
    }

    ModelFacts facts(ModelFacts.Pictures pictures) {
        LlamaConfig.Sizes sizes = config.sizes();
        return new ModelFacts(
                config.contextLength(),
                sizes.hiddenSize(),
                sizes.vocabSize(),
                sizes.numHiddenLayers(),
                sizes.numKeyValueHeads(),
                Attentions.cachedWidth(sizes.headDim()),
                pictures);
    }

    /**
     * An id in the vocabulary.
     *
     * @param absent where the configuration does not name it
     */
    int tokenId(ConfigReader reader, String key, int absent) {
        int vocabulary = config.sizes().vocabSize();
        int id = reader.size(key, absent);
        if (id >= vocabulary) {
            throw reader.unsupported(
                    key, Integer.toString(id), "an id below vocab_size, " + vocabulary);
        }
        return id;
    }
}
