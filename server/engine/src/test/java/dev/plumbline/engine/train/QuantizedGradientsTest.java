package dev.plumbline.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.checkpoint.Safetensors;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceRows;
import dev.plumbline.engine.model.LoadOptions;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.tensor.Precision;
import dev.plumbline.engine.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** LoRA on quantized weights against torch on the same weights dequantized. */
class QuantizedGradientsTest {
    private static final Path FIXTURE = Path.of("src/test/resources/quantized");
    private static final Path MODEL =
            Path.of("src/test/resources/llava/grouped-untied-f16-crossing/model");

    @TempDir static Path cache;

    @ParameterizedTest
    @EnumSource(names = {"INT4", "INT8"})
    void lossAndGradientsAreTorchs(Precision precision) throws IOException {
        JsonNode golden = new ObjectMapper().readTree(FIXTURE.resolve("golden.json").toFile());
        List<PreferenceExample> rows =
                PreferenceRows.read(Path.of("src/test/resources/training/rows.jsonl"));
        LossSpec loss = LossSpec.parse("plackett-luce + 1.0 * dpo", Map.of("weighting", "none"));
        LoraSettings lora =
                new LoraSettings(Optional.of(FIXTURE.resolve("adapter")), 4, 8, List.of());
        try (TestRuntime runtime = new TestRuntime();
                LoadedModel model =
                        LoadedModel.load(
                                MODEL, cache, runtime.runtime(), LoadOptions.of(precision));
                LossTerms losses = LossTerms.compile(loss, Losses.SHIPPED, runtime.runtime())) {
            LoraParameters parameters = LoraParameters.of(model, lora, 0);
            List<Integer> all = IntStream.range(0, rows.size()).boxed().toList();
            TrainingStep.Outcome outcome =
                    new TrainingStep(model, losses, parameters, 0, (done, total) -> {})
                            .recompute(rows, all, Cancellation.none());
            BatchMetrics metrics = BatchMetrics.of(outcome, losses.beta());
            double expected = golden.at("/" + precision + "/loss").asDouble(Double.NaN);
            assertThat(metrics.loss()).isCloseTo(expected, within(1e-3));
            assertGradients(precision, parameters, outcome);
        }
    }

    private static void assertGradients(
            Precision precision, LoraParameters parameters, TrainingStep.Outcome outcome) {
        Safetensors torch =
                Safetensors.open(FIXTURE.resolve("gradients-" + precision + ".safetensors"));
        List<String> names = parameters.inputNames();
        assertThat(torch.names()).hasSameSizeAs(names);
        for (int i = 0; i < names.size(); i++) {
            Tensor expected = torch.tensor(peftName(names.get(i)));
            assertThat(distance(outcome.gradients().get(i), expected.toFloats()))
                    .as(names.get(i))
                    .isLessThan(1e-3);
        }
    }

    private static String peftName(String input) {
        return "base_model.model."
                + input.replace("language_model.model.", "model.language_model.")
                + ".weight";
    }

    /** The length of the difference beside that of what is expected. */
    private static double distance(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double difference = 0;
        double length = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += Math.pow((double) actual[i] - expected[i], 2);
            length += Math.pow(expected[i], 2);
        }
        return Math.sqrt(difference / length);
    }
}
