package dev.plumbline.engine.model;

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
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * LLaVA-1.5 (Liu et al. 2023, arXiv 2310.03744): features of a CLIP vision tower, through a
 * projector of two layers, in the place of image tokens in a Llama's prompt.
 */
final class Llava implements LlamaFamily {
    static final String NAME = "llava";

    private static final String TOWER = "vision_tower.vision_model.";
    private static final String PROJECTOR = "multi_modal_projector.";

    /** LLaVA-1.5's template, for folders that were saved without one. */
    private static final String VICUNA =
            "{% for message in messages %}{{ message['role'].upper() + ': ' }}"
                    + "{% for part in message['content'] %}{% if part['type'] == 'image' %}"
                    + "{{ '<image>\n' }}{% endif %}{% endfor %}"
                    + "{% for part in message['content'] %}{% if part['type'] == 'text' %}"
                    + "{{ part['text'] + ' ' }}{% endif %}{% endfor %}{% endfor %}"
                    + "{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}";

    private static final List<String> ACTIVATIONS =
            List.of("gelu", "relu", "silu", "quick_gelu", "gelu_new");

    private final LlamaWithPictures text;
    private final VisionConfig vision;
    private final ImageConfig image;

    /**
     * How features come from the tower.
     *
     * @param layers indices into the hidden states, 0 being what enters the first layer
     * @param full whether the class token counts as a piece of the picture
     */
    private record ImageConfig(
            List<Integer> layers, boolean full, String activation, boolean bias, int tokenId) {}

    private Llava(LlamaWithPictures text, VisionConfig vision, ImageConfig image) {
        this.text = text;
        this.vision = vision;
        this.image = image;
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
        LlamaWithPictures text = new LlamaWithPictures(LlamaConfig.read(textConfig), tied);
        String imageTokenKey =
                config.has("image_token_index") ? "image_token_index" : "image_token_id";
        ImageConfig image =
                new ImageConfig(
                        featureLayers(config, vision.numHiddenLayers()),
                        strategy.equals("full"),
                        activation,
                        config.flag("multimodal_projector_bias", true),
                        text.tokenId(config, imageTokenKey, 32000));
        return new Llava(text, vision, image);
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
        return NAME;
    }

    @Override
    public LlamaWithPictures text() {
        return text;
    }

    @Override
    public Map<String, Shape> tensors() {
        // What the graphs ask for, the tower's unused last layers included.
        Graph tower = vision(vision.numHiddenLayers(), true);
        return LlamaWithPictures.weights(tower, vision(), decoder(Set.of()));
    }

    @Override
    public Set<String> ignorable() {
        return Set.of(
                LlamaWithPictures.HEAD,
                TOWER + "post_layernorm.weight",
                TOWER + "post_layernorm.bias");
    }

    @Override
    public PictureInputs pictures(Path folder) {
        ImageProcessor processor = new ImageProcessor(ImageProcessorConfig.read(folder));
        PictureGrid grid = new PictureGrid(1, facts().pictures().mostTokens());
        return new ClipPictures(processor, vision.imageSize(), grid);
    }

    @Override
    public TokenPositions positions(List<Integer> ids, List<PictureGrid> pictures) {
        return TokenPositions.text(ids.size());
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
        int hidden = text.config().sizes().hiddenSize();
        Value x = projections.linear(PROJECTOR + "linear_1", seen, hidden, image.bias());
        x = NeuralOps.activation(image.activation(), x);
        return projections.linear(PROJECTOR + "linear_2", x, hidden, image.bias());
    }

    @Override
    public String chatTemplate() {
        return VICUNA;
    }

    @Override
    public ModelFacts facts() {
        int tokens = vision.patches() + (image.full() ? 1 : 0);
        return text.facts(new ModelFacts.Pictures(image.tokenId(), tokens));
    }
}
