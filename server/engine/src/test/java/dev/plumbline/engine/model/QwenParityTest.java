package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.engine.checkpoint.HuggingFaceFolder;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.Golden.Row;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Qwen2.5-VL against transformers and peft (resources/qwen). */
class QwenParityTest extends FamilyParity {
    static final Path FOLDER = Path.of("src/test/resources/qwen");
    static final List<String> CASES =
            List.of(
                    "untied-f32-published",
                    "tied-bf16-sharded-published",
                    "tied-f32-new",
                    "untied-bf16-sharded-new");

    QwenParityTest() {
        super(FOLDER);
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void positionsAreTransformers(String name) {
        LoadedModel model = model(name);
        List<Row> rows = golden(name).rows().stream().filter(row -> !row.hasSystem()).toList();
        for (Row row : rows) {
            List<PictureGrid> grids = row.pictures().stream().map(model.features()::grid).toList();
            TokenPositions positions =
                    model.prompts()
                            .encodeAnswer(row.question(), row.answer(), grids)
                            .sequence()
                            .positions();
            for (int axis = 0; axis < 3; axis++) {
                List<Integer> expected = Golden.ids(row.json().get("positions").get(axis));
                assertThat(positions.length()).isEqualTo(expected.size());
                for (int token = 0; token < expected.size(); token++) {
                    assertThat(positions.at(axis, token))
                            .as("%s: axis %d of token %d", row, axis, token)
                            .isEqualTo(expected.get(token));
                }
            }
            assertThat(positions.next()).as("%s", row).isEqualTo(row.json().get("next").asInt());
        }
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void pixelsAreTransformers(String name) {
        LoadedModel model = model(name);
        JsonNode config = HuggingFaceFolder.open(model.folder()).config();
        PictureInputs inputs = Qwen25Vl.read(config, model.folder()).pictures(model.folder());
        for (String file : golden(name).images()) {
            JsonNode expected = golden(name).json().get("images").get(file);
            Picture picture = Golden.picture(file);
            Tensor pixels = Objects.requireNonNull(inputs.of(picture).get("pixel_values"));
            // A JPEG decoder may round otherwise, by one level.
            double step = file.endsWith(".jpg") ? 1 / 255.0 / 0.26 : 0;
            assertPixels(pixels, expected.get("pixel_values"), step + 1e-5);
            PictureGrid grid = model.features().grid(picture);
            assertThat(grid.tokens()).isEqualTo(expected.get("tokens").asInt());
            assertThat(grid.tokens()).isLessThanOrEqualTo(model.imageTokens());
        }
    }

    private static void assertPixels(Tensor pixels, JsonNode expected, double tolerance) {
        float[] values = pixels.toFloats();
        assertThat(pixels.shape().sizes())
                .isEqualTo(
                        Golden.ids(expected.get("shape")).stream()
                                .map(Integer::longValue)
                                .toList());
        for (Map.Entry<String, Integer> part :
                Map.of("first_patch_row", 0, "last_patch_row", values.length - 8).entrySet()) {
            List<Double> row = Golden.numbers(expected.get(part.getKey()));
            for (int i = 0; i < row.size(); i++) {
                assertThat((double) values[part.getValue() + i])
                        .isCloseTo(row.get(i), within(tolerance));
            }
        }
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        assertThat(sum / values.length)
                .isCloseTo(expected.get("mean").asDouble(), within(tolerance));
    }
}
