package dev.plumbline.engine.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ResamplerTest {
    static Stream<JsonNode> resized() {
        return ImageFixtures.cases("resized");
    }

    @ParameterizedTest
    @MethodSource("resized")
    void resizesBitForBitAsPillowDoes(JsonNode expected) {
        Picture resized =
                Resampler.resize(
                        ImageFixtures.picture("rgb.png"),
                        expected.path("width").asInt(),
                        expected.path("height").asInt(),
                        ResampleFilter.valueOf(expected.path("filter").asText()));
        assertThat(ImageFixtures.sha256(resized.rgb())).isEqualTo(expected.path("sha256").asText());
    }
}
