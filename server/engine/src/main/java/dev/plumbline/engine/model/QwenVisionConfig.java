package dev.plumbline.engine.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.engine.image.QwenImageProcessorConfig.Patching;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The vision tower of Qwen2.5-VL, in the names of transformers' {@code Qwen2_5_VLVisionConfig}.
 *
 * @param outHiddenSize width of a feature: the language model's
 */
record QwenVisionConfig(
        int depth,
        int hiddenSize,
        int intermediateSize,
        int numHeads,
        int outHiddenSize,
        Details details,
        Patching patching) {
    private static final List<String> TYPES = List.of("qwen2_5_vl_vision", "qwen2_5_vl");
    private static final List<String> ACTIVATIONS = List.of("silu", "gelu", "quick_gelu", "relu");

    /**
     * What no weight's shape follows from.
     *
     * @param window image tokens along the side of a window
     * @param fullAttention the layers whose patches look at the whole picture
     * @param ropeTheta base of the rotary positions
     */
    record Details(String hiddenAct, int window, Set<Integer> fullAttention, double ropeTheta) {
        Details {
            fullAttention = Set.copyOf(fullAttention);
        }
    }

    static QwenVisionConfig read(ConfigReader config) {
        String type = config.text("model_type", TYPES.getFirst());
        if (!TYPES.contains(type)) {
            throw config.unsupported("model_type", type, String.join(", ", TYPES));
        }
        String activation = config.text("hidden_act", "silu");
        if (!ACTIVATIONS.contains(activation)) {
            throw config.unsupported("hidden_act", activation, String.join(", ", ACTIVATIONS));
        }
        int channels = config.size("in_channels", config.size("in_chans", 3));
        if (channels != 3) {
            throw config.unsupported("in_channels", Integer.toString(channels), "3");
        }
        Patching patching = patching(config);
        return new QwenVisionConfig(
                config.size("depth", 32),
                config.size("hidden_size", 3584),
                config.size("intermediate_size", 3420),
                heads(config),
                config.size("out_hidden_size", 3584),
                new Details(
                        activation,
                        window(config, patching),
                        fullAttention(config),
                        ropeTheta(config.child("rope_parameters"))),
                patching);
    }

    private static Patching patching(ConfigReader config) {
        int size = config.size("patch_size", 14);
        int merge = config.size("spatial_merge_size", 2);
        int frames = config.size("temporal_patch_size", 2);
        try {
            return new Patching(size, merge, frames);
        } catch (IllegalArgumentException failure) {
            throw config.unsupported(
                            "patch_size",
                            size
                                    + ", spatial_merge_size "
                                    + merge
                                    + " and temporal_patch_size "
                                    + frames,
                            String.valueOf(failure.getMessage()))
                    .causedBy(failure);
        }
    }

    private static int heads(ConfigReader config) {
        int hidden = config.size("hidden_size", 3584);
        int heads = config.size("num_heads", 16);
        // Half of each head turns with the row and half with the column, both in pairs.
        if (hidden % heads != 0 || hidden / heads % 4 != 0) {
            throw config.unsupported(
                    "num_heads",
                    Integer.toString(heads),
                    "a divisor of hidden_size, " + hidden + ", into multiples of 4");
        }
        return heads;
    }

    private static int window(ConfigReader config, Patching patching) {
        int size = config.size("window_size", 112);
        int window = size / patching.merge() / patching.size();
        if (window == 0) {
            throw config.unsupported(
                    "window_size",
                    Integer.toString(size),
                    "at least one image token of " + patching.factor() + " pixels");
        }
        return window;
    }

    private static Set<Integer> fullAttention(ConfigReader config) {
        JsonNode value = config.node().path("fullatt_block_indexes");
        if (value.isMissingNode() || value.isNull()) {
            return Set.of(7, 15, 23, 31);
        }
        Set<Integer> layers = new TreeSet<>();
        for (JsonNode layer : value) {
            if (!layer.isInt()) {
                throw config.unsupported(
                        "fullatt_block_indexes", value.toString(), "a list of whole numbers");
            }
            layers.add(layer.intValue());
        }
        if (!value.isArray()) {
            throw config.unsupported(
                    "fullatt_block_indexes", value.toString(), "a list of whole numbers");
        }
        return layers;
    }

    private static double ropeTheta(ConfigReader rope) {
        String type = rope.text("rope_type", "axial");
        if (!type.equals("axial")) {
            throw rope.unsupported("rope_type", type, "axial");
        }
        return rope.number("rope_theta", 10000);
    }

    int headDim() {
        return hiddenSize / numHeads;
    }

    /** Patches that become one image token. */
    int mergedPatches() {
        return patching.merge() * patching.merge();
    }
}
