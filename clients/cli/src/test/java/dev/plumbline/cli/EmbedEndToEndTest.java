package dev.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The demo's CLIP, called as a user calls it. The judge is golden.json. */
class EmbedEndToEndTest extends PackagedServer {
    @Test
    void embedsAsTransformersDoes() throws IOException {
        JsonNode golden = mapper.readTree(DEMO.resolve("golden.json").toFile()).get("clip");
        String clip = DEMO.resolve("clip").toString();
        String image = DEMO.resolve("data").resolve(golden.at("/images/0").asText()).toString();
        String text = golden.at("/texts/0").asText();
        JsonNode document = json("embed", "--clip", clip, "--image", image, "--text", text);
        assertThat(document.at("/images/0/image").asText()).isEqualTo(image);
        assertThat(document.at("/texts/0/text").asText()).isEqualTo(text);
        assertVector(document.at("/images/0/embedding"), golden.at("/image_embeddings/0"));
        assertVector(document.at("/texts/0/embedding"), golden.at("/text_embeddings/0"));
        assertThat(run("embed", "--clip", "models/clip", "--image", image, "--text", text).out())
                .contains("cosine", image, text);
        JsonNode error = error("embed", "--clip", LLAVA, "--text", text);
        assertThat(error.get("reason").asText()).isEqualTo("MODEL_NOT_CLIP");
    }

    private static void assertVector(JsonNode vector, JsonNode golden) {
        assertThat(vector).hasSameSizeAs(golden);
        for (int i = 0; i < golden.size(); i++) {
            assertThat(vector.get(i).asDouble()).isCloseTo(golden.get(i).asDouble(), within(1e-5));
        }
    }
}
