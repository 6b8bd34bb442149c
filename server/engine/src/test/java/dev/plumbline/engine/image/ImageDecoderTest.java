package dev.plumbline.engine.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ImageDecoderTest {
    static Stream<JsonNode> png() {
        return ofKind(".png");
    }

    static Stream<JsonNode> jpeg() {
        return ofKind(".jpg");
    }

    private static Stream<JsonNode> ofKind(String suffix) {
        return ImageFixtures.cases("decoded")
                .filter(json -> json.path("file").asText().endsWith(suffix));
    }

    @ParameterizedTest
    @MethodSource("png")
    void decodesPngAsPillowDoes(JsonNode expected) {
        Picture picture = decode(expected);
        assertThat(ImageFixtures.sha256(picture.rgb())).isEqualTo(expected.path("sha256").asText());
    }

    @ParameterizedTest
    @MethodSource("jpeg")
    void decodesJpegWithinOneStepOfPillow(JsonNode expected) {
        Picture picture = decode(expected);
        byte[] pixels = ImageFixtures.bytes(expected.path("file").asText().replace(".jpg", ".rgb"));
        assertThat(pixels).hasSameSizeAs(picture.rgb());
        int largest = 0;
        for (int i = 0; i < pixels.length; i++) {
            int difference = (picture.rgb()[i] & 0xff) - (pixels[i] & 0xff);
            largest = Math.max(largest, Math.abs(difference));
        }
        assertThat(largest).isLessThanOrEqualTo(1);
    }

    private static Picture decode(JsonNode expected) {
        Picture picture = ImageFixtures.picture(expected.path("file").asText());
        assertThat(picture.width()).isEqualTo(expected.path("width").asInt());
        assertThat(picture.height()).isEqualTo(expected.path("height").asInt());
        String file = expected.path("file").asText();
        assertThat(ImageDecoder.size(ImageFixtures.bytes(file), file))
                .isEqualTo(new PictureSize(picture.width(), picture.height()));
        return picture;
    }
}
