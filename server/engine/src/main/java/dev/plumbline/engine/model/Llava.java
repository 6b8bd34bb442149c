package dev.plumbline.engine.model;

import static dev.plumbline.engine.graph.ShapeOps.flatten;
import static dev.plumbline.engine.graph.ShapeOps.gather;
import static dev.plumbline.engine.graph.ShapeOps.reshape;
import static dev.plumbline.engine.graph.ShapeOps.scatterRows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.NeuralOps;
import dev.plumbline.engine.graph.ShapeOps;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.image.ImageProcessor;
import dev.plumbline.engine.image.ImageProcessorConfig;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * LLaVA-1.5 (Liu et al. 2023, arXiv 2310.03744): features of a CLIP vision tower, through a
 * projector of two layers, in the place of image tokens in a Llama's prompt.
 */
final class Llava implements ModelFamily {
    private static final String TOWER = "vision_tower.vision_model.";
    private static final String PROJECTOR = "multi_modal_projector.";
    private static final String EMBEDDING = "language_model.model.embed_tokens.weight";
    private static final String HEAD = "lm_head.weight";

    private static final List<String> ACTIVATIONS =
            List.of("gelu", "relu", "silu", "quick_gelu", "gelu_new");

    private final LlamaConfig text;
    private final VisionConfig vision;
    private final ImageConfig image;
    private final boolean tied;

    /**
     * How features come from the tower.
     *
     * @param layers indices into the hidden states, 0 being what enters the first layer
     * @param full whether the class token counts as a piece of the picture
     */
    private record ImageConfig(
            List<Integer> layers, boolean full, String activation, boolean bias, int tokenId) {}

    private Llava(LlamaConfig text, VisionConfig vision, ImageConfig image, boolean tied) {
        this.text = text;
        this.vision = vision;
        this.image = image;
        this.tied = tied;
    }

    /**
     * @param headStored whether the checkpoint has a head of its own
     */
    static Llava read(JsonNode json, boolean headStored) {
        ConfigReader config = new ConfigReader(json);
        ConfigReader textConfig = config.child("text_config");
        VisionConfig vision = VisionConfig.read(config.child("vision_config"));
        boolean textTied = textConfig.flag("tie_word_embeddings", false);
        boolean tied = config.flag("tie_word_embeddings", textTied) || (textTied && !headStored);
        String strategy = config.text("vision_feature_select_strategy", "default");
        if (!Set.of("default", "full").contains(strategy)) {
            throw config.unsupported("vision_feature_select_strategy", strategy, "default, full");
        }
        String activation = config.text("projector_hidden_act", "gelu");
        if (!ACTIVATIONS.contains(activation)) {
            throw config.unsupported(
                    "projector_hidden_act", activation, String.join(", ", ACTIVATIONS));
        }
        LlamaConfig text = LlamaConfig.read(textConfig);
        ImageConfig image =
                new ImageConfig(
                        featureLayers(config, vision.numHiddenLayers()),
                        strategy.equals("full"),
                        activation,
                        config.flag("multimodal_projector_bias", true),
                        imageToken(config, text.sizes().vocabSize()));
        return new Llava(text, vision, image, tied);
    }

    private static int imageToken(ConfigReader config, int vocabulary) {
        String key = config.has("image_token_index") ? "image_token_index" : "image_token_id";
        int id = config.size(key, 32000);
        if (id >= vocabulary) {
            throw config.unsupported(
                    key, Integer.toString(id), "an id below vocab_size, " + vocabulary);
        }
        return id;
    }

    private static List<Integer> featureLayers(ConfigReader config, int layers) {
        JsonNode value = config.node().path("vision_feature_layer");
        List<Integer> indices = new ArrayList<>();
        if (value.isArray()) {
            value.forEach(index -> indices.add(index.asInt()));
        } else {
            indices.add(value.asInt(-2));
        }
        if (indices.isEmpty()) {
            throw config.unsupported("vision_feature_layer", "[]", "at least one layer");
        }
        return indices.stream()
                .map(index -> {
                    int absolute = index < 0 ? layers + 1 + index : index;
                    if (absolute < 0 || absolute > layers) {
                        throw config.unsupported(
                                "vision_feature_layer",
                                value.toString(),
                                "a layer of the vision tower, which has " + layers);
                    }
                    return absolute;
                })
                .toList();
    }

    @Override
    public String name() {
        return "llava";
    }

    @Override
    public Map<String, Shape> tensors() {
        // What the graphs ask for, the tower's unused last layers included.
        Map<String, Shape> tensors = new LinkedHashMap<>();
        Graph tower = vision(vision.numHiddenLayers(), true);
        for (Graph graph : List.of(tower, vision(), decoder(Set.of()))) {
            graph.weights()
                    .forEach(weight ->
                            tensors.put(
                                    weight.name(),
                                    new Shape(
                                            weight.dims().stream()
                                                    .map(d -> ((Dim.Fixed) d).size())
                                                    .toList())));
        }
        return tensors;
    }

    @Override
    public Set<String> ignorable() {
        return Set.of(HEAD, TOWER + "post_layernorm.weight", TOWER + "post_layernorm.bias");
    }

    @Override
    public PictureInputs pictures(Path folder) {
        ImageProcessor processor = new ImageProcessor(ImageProcessorConfig.read(folder));
        PictureGrid grid = new PictureGrid(1, facts().pictures().mostTokens());
        return new ClipPictures(processor, vision.imageSize(), grid);
    }

    @Override
    public RotaryTable rotary() {
        return text.rope().table();
    }

    @Override
    public TokenPositions positions(List<Integer> ids, List<PictureGrid> pictures) {
        return TokenPositions.text(ids.size());
    }

    @Override
    public Map<String, Shape> linearModules() {
        return LlamaDecoder.linearModules(text);
    }

    @Override
    public Graph vision() {
        int last = image.layers().stream().mapToInt(Integer::intValue).max().orElseThrow();
        return vision(last, false);
    }

    private Graph vision(int layers, boolean towerOnly) {
        GraphBuilder builder = new GraphBuilder("vision");
        Projections projections = new Projections(builder, Set.of());
        int size = vision.imageSize();
        Value pixels = builder.input("pixel_values", DType.F32, Dim.shape("B", 3, size, size));
        List<Value> states =
                new ClipVisionTower(vision, projections, TOWER).hiddenStates(pixels, layers);
        builder.output("features", towerOnly ? states.getLast() : project(states, projections));
        return builder.build();
    }

    private Value project(List<Value> states, Projections projections) {
        Value[] chosen = image.layers().stream().map(states::get).toArray(Value[]::new);
        Value seen = chosen.length == 1 ? chosen[0] : ShapeOps.concat(2, chosen);
        if (!image.full()) {
            seen = ShapeOps.slice(seen, 1, 1, vision.patches() + 1);
        }
        int hidden = text.sizes().hiddenSize();
        Value x = projections.linear(PROJECTOR + "linear_1", seen, hidden, image.bias());
        x = NeuralOps.activation(image.activation(), x);
        return projections.linear(PROJECTOR + "linear_2", x, hidden, image.bias());
    }

    @Override
    public Graph decoder(Set<String> adapted) {
        GraphBuilder builder = new GraphBuilder("decoder");
        Projections projections = new Projections(builder, adapted);
        LlamaDecoder decoder = new LlamaDecoder(text, projections);
        Value hidden = embed(builder, decoder);
        Value positions = builder.input("logit_positions", DType.I64, Dim.shape("N"));
        hidden = decoder.layers(hidden, Attentions.fused(text, builder));
        Value wanted = gather(flatten(hidden), positions);
        builder.output("logits", decoder.logits(wanted, head()));
        return builder.build();
    }

    @Override
    public AnswerGraph answers(GraphBuilder builder, Set<String> adapted) {
        Projections projections = new Projections(builder, adapted);
        LlamaDecoder decoder = new LlamaDecoder(text, projections);
        Value hidden = embed(builder, decoder);
        Value positions = builder.input("answer_positions", DType.I64, Dim.shape("N"));
        Value ids = builder.input("answer_ids", DType.I64, Dim.shape("N", 1));
        hidden = decoder.layers(hidden, Attentions.differentiable(text, builder));
        Value logits = decoder.logits(gather(flatten(hidden), positions), head());
        Value logps = ShapeOps.gatherElements(NeuralOps.logSoftmax(logits), ids);
        return new AnswerGraph(reshape(logps, "N"), projections.loraInputs());
    }

    private Value embed(GraphBuilder builder, LlamaDecoder decoder) {
        Value ids = builder.input("input_ids", DType.I64, Dim.shape("B", "S"));
        Value features =
                builder.input(
                        "image_features",
                        DType.F32,
                        Dim.shape("images", text.sizes().hiddenSize()));
        Value places = builder.input("image_positions", DType.I64, Dim.shape("images", 2));
        return scatterRows(decoder.embed(ids), places, features);
    }

    private String head() {
        return tied ? EMBEDDING : HEAD;
    }

    @Override
    public ModelFacts facts() {
        LlamaConfig.Sizes sizes = text.sizes();
        int tokens = vision.patches() + (image.full() ? 1 : 0);
        return new ModelFacts(
                text.contextLength(),
                sizes.hiddenSize(),
                sizes.vocabSize(),
                sizes.numHiddenLayers(),
                sizes.numKeyValueHeads(),
                Attentions.cachedWidth(sizes.headDim()),
                new ModelFacts.Pictures(image.tokenId(), tokens));
    }
}
