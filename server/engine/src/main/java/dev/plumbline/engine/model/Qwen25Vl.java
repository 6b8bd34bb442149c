package dev.plumbline.engine.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.tensor.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Qwen2.5-VL (Bai et al. 2025, arXiv 2502.13923): pictures of any size through a tower with
 * windows, their patches merged four by four, in a decoder whose rotary positions know rows and
 * columns.
 */
final class Qwen25Vl implements LlamaFamily {
    static final String NAME = "qwen2_5_vl";

    /** The published template, for folders that were saved without one. */
    private static final String TEMPLATE =
            "{% for message in messages %}{% if loop.first and message['role'] != 'system' %}"
                    + "{{ '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}{% endif %}"
                    + "{{ '<|im_start|>' + message['role'] + '\n' }}{% for part in message['content'] %}"
                    + "{% if part['type'] == 'image' %}{{ '<|vision_start|><|image_pad|><|vision_end|>' }}"
                    + "{% else %}{{ part['text'] }}{% endif %}{% endfor %}{{ '<|im_end|>\n' }}{% endfor %}"
                    + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    private final LlamaWithPictures text;
    private final QwenVisionConfig vision;
    private final QwenPictures pictures;
    private final int imageToken;
    private final int videoToken;

    private Qwen25Vl(
            LlamaWithPictures text,
            QwenVisionConfig vision,
            QwenPictures pictures,
            int imageToken,
            int videoToken) {
        this.text = text;
        this.vision = vision;
        this.pictures = pictures;
        this.imageToken = imageToken;
        this.videoToken = videoToken;
    }

    /**
     * @param folder with the image processor's configuration
     */
    static Qwen25Vl read(JsonNode json, Path folder) {
        ConfigReader config = new ConfigReader(json);
        ConfigReader fields = QwenTextConfig.fields(config);
        boolean tied =
                config.flag("tie_word_embeddings", false)
                        || fields.flag("tie_word_embeddings", false);
        LlamaWithPictures text = new LlamaWithPictures(QwenTextConfig.read(fields), tied);
        ConfigReader visionFields = config.child("vision_config");
        QwenVisionConfig vision = QwenVisionConfig.read(visionFields);
        int hidden = text.config().sizes().hiddenSize();
        if (vision.outHiddenSize() != hidden) {
            throw visionFields.unsupported(
                    "out_hidden_size",
                    Integer.toString(vision.outHiddenSize()),
                    "the text's hidden_size, " + hidden);
        }
        return new Qwen25Vl(
                text,
                vision,
                QwenPictures.read(folder, vision),
                text.tokenId(config, "image_token_id", 151655),
                text.tokenId(config, "video_token_id", 151656));
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
        return LlamaWithPictures.weights(vision(), decoder(Set.of()));
    }

    @Override
    public Set<String> ignorable() {
        return Set.of(LlamaWithPictures.HEAD);
    }

    @Override
    public Graph vision() {
        return QwenVisionTower.graph(vision);
    }

    @Override
    public Map<String, Long> largestPicture(int tokens) {
        return pictures.largest(tokens);
    }

    @Override
    public PictureInputs pictures(Path folder) {
        return pictures;
    }

    @Override
    public TokenPositions positions(List<Integer> ids, List<PictureGrid> pictures) {
        return MultimodalPositions.of(ids, imageToken, pictures);
    }

    @Override
    public String chatTemplate() {
        return TEMPLATE;
    }

    @Override
    public Set<Integer> reservedIds() {
        return Set.of(imageToken, videoToken);
    }

    @Override
    public ModelFacts facts() {
        return text.facts(new ModelFacts.Pictures(imageToken, pictures.mostTokens()));
    }
}
