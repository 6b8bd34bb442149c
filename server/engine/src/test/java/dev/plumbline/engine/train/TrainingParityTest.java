package dev.plumbline.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.checkpoint.PeftAdapter;
import dev.plumbline.engine.checkpoint.Safetensors;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceRows;
import dev.plumbline.engine.model.LoadOptions;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.RuntimeOptions;
import dev.plumbline.engine.tensor.Precision;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.engine.train.BatchSettings.Order;
import dev.plumbline.engine.train.BatchSettings.Passes;
import dev.plumbline.engine.train.OptimizerSettings.Schedule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses, gradients and optimizer steps against torch and peft (resources/training). */
class TrainingParityTest {
    private static final Path FIXTURE = Path.of("src/test/resources/training");
    private static final Path QUANTIZED = Path.of("src/test/resources/quantized");
    private static final Path MODEL = Path.of("src/test/resources/llava/grouped-tied-f32/model");

    @TempDir static Path cache;

    private static Runtime runtime;
    private static LoadedModel model;
    private static JsonNode golden;
    private static List<PreferenceExample> rows;

    @BeforeAll
    static void load() throws IOException {
        Path natives = Path.of("target", "onnxruntime");
        runtime = Runtime.open(new RuntimeOptions(2, Optional.empty(), natives));
        model = LoadedModel.load(MODEL, cache, runtime);
        golden = new ObjectMapper().readTree(FIXTURE.resolve("golden.json").toFile());
        rows = PreferenceRows.read(FIXTURE.resolve("rows.jsonl"));
    }

    @AfterAll
    static void close() {
        model.close();
        runtime.close();
        assertThat(runtime.liveHandles()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "none, RECOMPUTE, 0, false",
        "none, RECOMPUTE, 1, false",
        "none, RECOMPUTE, 2, false",
        "none, UNIT_WEIGHT, 1, false",
        "self_normalized, RECOMPUTE, 0, false",
        "self_normalized, RECOMPUTE, 0, true",
        "self_normalized, UNIT_WEIGHT, 0, false",
        "self_normalized, UNIT_WEIGHT, 0, true",
    })
    void lossAndGradientsAreTorchs(
            String weighting, Passes passes, int microBatch, boolean checkpointed) {
        JsonNode expected = golden.at("/losses/" + weighting);
        LoraParameters parameters = LoraParameters.of(model, lora(), 0);
        try (LossTerms losses = LossTerms.compile(loss(weighting), Losses.SHIPPED, runtime)) {
            TrainingStep step =
                    TrainingSteps.of(model, losses, parameters, microBatch, checkpointed);
            TrainingStep.Outcome outcome = run(step, passes);
            BatchMetrics metrics = BatchMetrics.of(outcome, losses.beta(), losses.imageBeta());
            assertClose(metrics.loss(), expected.get("loss"), 1e-4);
            assertClose(metrics.imageLoss(), expected.get("image_loss"), 1e-4);
            assertClose(metrics.textLoss(), expected.get("text_loss"), 1e-4);
            assertClose(metrics.chosenLogps(), expected.get("chosen_logps"), 1e-4);
            assertClose(metrics.rejectedLogps(), expected.get("rejected_logps"), 1e-4);
            assertClose(metrics.margins(), expected.get("margins"), 1e-4);
            Path gradients = FIXTURE.resolve("gradients-" + weighting + ".safetensors");
            assertGradients(gradients, parameters, outcome);
        }
    }

    /** Over the bytes that serve, dequantized: the judge is torch on the dequantized weights. */
    @ParameterizedTest
    @CsvSource({
        "INT8, RECOMPUTE, false",
        "INT8, UNIT_WEIGHT, true",
        "INT4, RECOMPUTE, false",
        "INT4, RECOMPUTE, true",
        "INT4, UNIT_WEIGHT, false",
        "W4A8, RECOMPUTE, false",
    })
    void gradientsOfQuantizedModelsAreTorchs(
            Precision precision, Passes passes, boolean checkpointed) throws IOException {
        String stored = precision.stored().text();
        JsonNode expected =
                new ObjectMapper()
                        .readTree(QUANTIZED.resolve("golden.json").toFile())
                        .at("/losses/" + stored);
        LoadOptions options = LoadOptions.of(precision);
        try (LoadedModel quantized = LoadedModel.load(MODEL, cache, runtime, options);
                LossTerms losses = LossTerms.compile(loss("none"), Losses.SHIPPED, runtime)) {
            LoraParameters parameters = LoraParameters.of(quantized, lora(), 0);
            TrainingStep step = TrainingSteps.of(quantized, losses, parameters, 0, checkpointed);
            TrainingStep.Outcome outcome = run(step, passes);
            BatchMetrics metrics = BatchMetrics.of(outcome, losses.beta(), losses.imageBeta());
            assertClose(metrics.loss(), expected.get("loss"), 1e-3);
            assertClose(metrics.imageLoss(), expected.get("image_loss"), 1e-3);
            assertClose(metrics.textLoss(), expected.get("text_loss"), 1e-3);
            assertClose(metrics.chosenLogps(), expected.get("chosen_logps"), 1e-3);
            Path gradients = QUANTIZED.resolve("gradients-" + stored + ".safetensors");
            assertGradients(gradients, parameters, outcome);
        }
    }

    private static TrainingStep.Outcome run(TrainingStep step, Passes passes) {
        List<Integer> all = IntStream.range(0, rows.size()).boxed().toList();
        return step.run(passes, rows, all, rows.size(), Cancellation.none());
    }

    private static void assertGradients(
            Path file, LoraParameters parameters, TrainingStep.Outcome outcome) {
        Map<String, float[]> expected = byInput(file);
        List<String> names = parameters.inputNames();
        assertThat(expected.keySet()).containsExactlyInAnyOrderElementsOf(names);
        for (int i = 0; i < names.size(); i++) {
            float[] torch = Objects.requireNonNull(expected.get(names.get(i)));
            assertThat(distance(outcome.gradients().get(i), torch) / norm(torch))
                    .as(names.get(i))
                    .isLessThan(1e-3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"free", "clipped"})
    void fourStepsOfAdamwAreTorchs(String clipping, @TempDir Path output) throws IOException {
        JsonNode expected = golden.at("/training/" + clipping);
        TrainingSpec spec =
                new TrainingSpec(
                        loss("none"),
                        lora(),
                        new OptimizerSettings(
                                1e-3,
                                0,
                                Schedule.CONSTANT,
                                expected.get("max_grad_norm").asDouble(0),
                                0),
                        new BatchSettings(2, 2, 0, Order.AS_IS, Passes.RECOMPUTE, 0),
                        0);
        List<StepMetrics> steps = run(spec, output);
        assertThat(steps).hasSameSizeAs(expected.get("steps"));
        for (int i = 0; i < steps.size(); i++) {
            assertClose(steps.get(i).loss(), expected.at("/steps/" + i + "/loss"), 1e-4);
            assertClose(steps.get(i).gradNorm(), expected.at("/steps/" + i + "/grad_norm"), 1e-4);
        }
        Map<String, float[]> start = values(PeftAdapter.read(FIXTURE.resolve("adapter")));
        Map<String, float[]> torch =
                byInput(FIXTURE.resolve("trained-" + clipping + ".safetensors"));
        Map<String, float[]> ours = values(PeftAdapter.read(output));
        double moved = total(torch, start);
        assertThat(moved).isCloseTo(expected.get("moved").asDouble(), within(1e-3 * moved));
        assertThat(total(ours, torch)).isLessThanOrEqualTo(1e-3 * moved);
    }

    @Test
    void microBatchesAndPassesDoNotChangeTheResult(@TempDir Path folder) throws IOException {
        List<Map<String, float[]>> results = new ArrayList<>();
        for (Passes passes : Passes.values()) {
            for (int microBatch : List.of(1, 2, 0)) {
                BatchSettings batch = new BatchSettings(2, 2, 0, Order.AS_IS, passes, microBatch);
                OptimizerSettings optimizer =
                        new OptimizerSettings(1e-3, 0.1, Schedule.COSINE, 1, 0.01);
                Path output = folder.resolve(passes + "-" + microBatch);
                run(new TrainingSpec(loss("self_normalized"), lora(), optimizer, batch, 0), output);
                results.add(values(PeftAdapter.read(output)));
            }
        }
        Map<String, float[]> zero = values(PeftAdapter.read(FIXTURE.resolve("adapter")));
        double moved = total(results.getFirst(), zero);
        assertThat(moved).isGreaterThan(0.01);
        for (Map<String, float[]> result : results) {
            assertThat(total(result, results.getFirst()))
                    .isLessThan(1e-5 * norm(results.getFirst()));
        }
    }

    private static List<StepMetrics> run(TrainingSpec spec, Path output) {
        List<StepMetrics> steps = new ArrayList<>();
        TrainingListener listener =
                new TrainingListener() {
                    @Override
                    public void phase(String name, long done, long total) {}

                    @Override
                    public void step(StepMetrics metrics) {
                        steps.add(metrics);
                    }
                };
        new Trainer(model, Losses.SHIPPED).run(spec, rows, output, listener, Cancellation.none());
        return steps;
    }

    static LossSpec loss(String weighting) {
        return LossSpec.parse("plackett-luce + 1.0 * dpo", Map.of("weighting", weighting));
    }

    private static LoraSettings lora() {
        return new LoraSettings(Optional.of(FIXTURE.resolve("adapter")), 4, 8, List.of());
    }

    private static Map<String, float[]> values(PeftAdapter adapter) {
        Map<String, float[]> values = new HashMap<>();
        adapter.modules()
                .forEach((module, pair) -> {
                    values.put(module + ".lora_A", pair.a().toFloats());
                    values.put(module + ".lora_B", pair.b().toFloats());
                });
        return values;
    }

    static Map<String, float[]> byInput(Path file) {
        Safetensors tensors = Safetensors.open(file);
        Map<String, float[]> values = new HashMap<>();
        for (String name : tensors.names()) {
            Tensor tensor = tensors.tensor(name);
            String input =
                    name.replace("base_model.model.", "")
                            .replace("model.language_model.", "language_model.model.")
                            .replace(".weight", "");
            values.put(input, tensor.toFloats());
        }
        return values;
    }

    static void assertClose(double ours, JsonNode theirs, double relative) {
        double expected = theirs.asDouble(Double.NaN);
        assertThat(ours).isCloseTo(expected, within(relative * Math.max(1, Math.abs(expected))));
    }

    private static double total(Map<String, float[]> a, Map<String, float[]> b) {
        assertThat(a.keySet()).isEqualTo(b.keySet());
        double squares = 0;
        for (String name : a.keySet()) {
            squares += Math.pow(distance(a.get(name), Objects.requireNonNull(b.get(name))), 2);
        }
        return Math.sqrt(squares);
    }

    private static double norm(Map<String, float[]> a) {
        return Math.sqrt(a.values().stream().mapToDouble(v -> Math.pow(norm(v), 2)).sum());
    }

    static double norm(float[] values) {
        return distance(values, new float[values.length]);
    }

    static double distance(float[] a, float[] b) {
        assertThat(a).hasSameSizeAs(b);
        double squares = 0;
        for (int i = 0; i < a.length; i++) {
            squares += Math.pow(a[i] - b[i], 2);
        }
        return Math.sqrt(squares);
    }
}
