package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.autodiff.Gradients;
import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.Lowering;
import dev.plumbline.engine.graph.StoredMatrix;
import dev.plumbline.engine.graph.TextDump;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Families' graphs for tiny configurations, as text: a change of a graph is seen in the diff of a
 * golden file.
 */
class GoldenGraphsTest {
    private static final Path GOLDEN = Path.of("src/test/resources/graph");
    private static final String REWRITE = "golden.rewrite";
    private static final Set<String> ADAPTED =
            Set.of(
                    "language_model.model.layers.0.self_attn.k_proj",
                    "language_model.model.layers.0.mlp.down_proj");

    private final Llava llava = llava(8);

    private static Llava llava(int hidden) {
        String config =
                """
                {
                  "model_type": "llava", "image_token_index": 19,
                  "text_config": {
                    "vocab_size": 20, "hidden_size": %d, "intermediate_size": %d,
                    "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1,
                    "max_position_embeddings": 16
                  },
                  "vision_config": {
                    "hidden_size": 6, "intermediate_size": 10, "num_hidden_layers": 2,
                    "num_attention_heads": 2, "image_size": 4, "patch_size": 2
                  }
                }
                """
                        .formatted(hidden, hidden + hidden / 2);
        try {
            return Llava.read(new ObjectMapper().readTree(config), true);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ModelFamily qwen() throws IOException {
        String config =
                """
                {
                  "model_type": "qwen2_5_vl", "image_token_id": 18, "video_token_id": 19,
                  "vocab_size": 20, "hidden_size": 8, "intermediate_size": 12,
                  "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1,
                  "max_position_embeddings": 16, "tie_word_embeddings": true,
                  "rope_scaling": {"type": "mrope", "mrope_section": [1, 0, 1]},
                  "vision_config": {
                    "hidden_size": 8, "intermediate_size": 10, "depth": 2, "num_heads": 2,
                    "out_hidden_size": 8, "window_size": 56, "fullatt_block_indexes": [1]
                  }
                }
                """;
        Path processor = QwenParityTest.FOLDER.resolve("tied-f32-new/model");
        return Qwen25Vl.read(new ObjectMapper().readTree(config), processor);
    }

    @Test
    void qwen25Vl() throws IOException {
        compare("qwen-vision.txt", qwen().vision());
        compare("qwen-decoder.txt", qwen().decoder(Set.of()));
    }

    @Test
    void vision() throws IOException {
        compare("llava-vision.txt", llava.vision());
    }

    @Test
    void decoder() throws IOException {
        compare("llava-decoder.txt", llava.decoder(Set.of()));
    }

    @Test
    void decoderWithLora() throws IOException {
        compare("llava-decoder-lora.txt", llava.decoder(ADAPTED));
    }

    @Test
    void answers() throws IOException {
        GraphBuilder builder = new GraphBuilder("answers");
        builder.output(
                "token_logps", llava.answers(new Projections(builder, Set.of())).tokenLogps());
        compare("llava-answers.txt", builder.build());
    }

    @Test
    void gradients() throws IOException {
        compare("llava-gradients.txt", gradients(llava, false));
    }

    @Test
    void gradientsWithDropout() throws IOException {
        compare("llava-gradients-dropout.txt", gradients(llava, true));
    }

    private static Graph gradients(Llava family, boolean dropout) {
        GraphBuilder builder = new GraphBuilder("gradients");
        AnswerGraph answers = family.answers(Projections.training(builder, ADAPTED, dropout));
        Value seed = builder.input("d_token_logps", DType.F32, Dim.shape("N"));
        List<String> names = List.copyOf(answers.loraInputs().keySet());
        List<Value> gradients =
                Gradients.of(
                        answers.tokenLogps(), seed, List.copyOf(answers.loraInputs().values()));
        for (int i = 0; i < names.size(); i++) {
            assertThat(gradients.get(i).rank()).isEqualTo(2);
            builder.output("gradient." + names.get(i), gradients.get(i));
        }
        return builder.build();
    }

    @Test
    void loweredDecoder() throws IOException {
        Llava family = llava(64);
        Graph decoder = family.decoder(Set.of());
        compare("llava-decoder-int4.txt", lowering(family, 4, false).lower(decoder));
        compare("llava-decoder-w8a8.txt", lowering(family, 8, true).lower(decoder));
    }

    @Test
    void loweredGradients() throws IOException {
        Llava family = llava(64);
        Graph gradients = gradients(family, false);
        compare("llava-gradients-int4.txt", lowering(family, 4, false).lower(gradients));
    }

    /** For linear layers and the head in blocks, and the embedding in BF16. */
    private static Lowering lowering(Llava family, int bits, boolean rounds) {
        String prefix = "language_model.model.";
        Map<String, StoredMatrix> matrices = new HashMap<>();
        family.tensors()
                .forEach((name, shape) -> {
                    boolean layer = name.startsWith(prefix + "layers") && shape.rank() == 2;
                    if (layer || name.equals("lm_head.weight")) {
                        matrices.put(
                                name, new StoredMatrix(name, bits, shape.get(0), shape.get(1)));
                    }
                });
        return new Lowering(Map.of(prefix + "embed_tokens.weight", DType.BF16), matrices, rounds);
    }

    private static void compare(String name, Graph graph) throws IOException {
        Path golden = GOLDEN.resolve(name);
        String text = TextDump.of(graph);
        if (Boolean.getBoolean(REWRITE)) {
            Files.createDirectories(GOLDEN);
            Files.writeString(golden, text);
        }
        assertThat(text)
                .as(
                        "%s; where the change is meant, rewrite it with -Dtest=GoldenGraphsTest -D%s=true and read the diff",
                        golden, REWRITE)
                .isEqualTo(Files.readString(golden));
    }
}
