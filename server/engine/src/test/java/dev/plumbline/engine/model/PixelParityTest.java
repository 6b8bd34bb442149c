package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.engine.image.ImageProcessor;
import dev.plumbline.engine.image.ImageProcessorConfig;
import dev.plumbline.engine.image.ImageProcessorConfig.Normalization;
import dev.plumbline.engine.image.PixelValues;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Pictures as the vision tower reads them, against Pillow and transformers (resources/llava). */
class PixelParityTest {
    static final List<String> CASES = Golden.CASES;

    @ParameterizedTest
    @FieldSource("CASES")
    void pixelsArePillows(String name) {
        Golden golden = Golden.read(name);
        ImageProcessor processor = new ImageProcessor(ImageProcessorConfig.read(golden.model()));
        golden.json()
                .get("images")
                .properties()
                .forEach(image -> {
                    PixelValues found = processor.process(Golden.picture(image.getKey()));
                    // A JPEG decoder may round otherwise, by one level.
                    int levels = image.getKey().endsWith(".jpg") ? 1 : 0;
                    assertPixels(processor.config(), found, image.getValue(), levels);
                });
    }

    private static void assertPixels(
            ImageProcessorConfig config, PixelValues found, JsonNode expected, int levels) {
        List<Integer> shape = Golden.ids(expected.get("shape"));
        assertThat(List.of(found.height(), found.width(), 3)).isEqualTo(shape);
        byte[] rgb = Base64.getDecoder().decode(expected.get("rgb").asText());
        Normalization normalization = config.normalization().orElseThrow();
        int pixels = found.height() * found.width();
        for (int channel = 0; channel < 3; channel++) {
            double mean = normalization.mean().get(channel);
            double deviation = normalization.deviation().get(channel);
            for (int i = 0; i < pixels; i++) {
                double value = found.values()[channel * pixels + i];
                double level = (value * deviation + mean) / config.rescale().orElse(1);
                assertThat(level).isCloseTo(rgb[3 * i + channel] & 0xff, within(levels + 1e-3));
            }
        }
        double step = levels / 255.0 / normalization.deviation().getFirst();
        List<Double> row = Golden.numbers(expected.at("/pixel_values/first_row_red"));
        for (int i = 0; i < row.size(); i++) {
            assertThat((double) found.values()[i]).isCloseTo(row.get(i), within(step + 1e-5));
        }
    }
}
