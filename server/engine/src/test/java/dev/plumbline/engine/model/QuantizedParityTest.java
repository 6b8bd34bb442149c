package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.generate.Generator;
import dev.plumbline.engine.generate.Piece;
import dev.plumbline.engine.generate.SamplingOptions;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.RuntimeOptions;
import dev.plumbline.engine.tensor.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models in few bits against transformers over the dequantized weights (resources/quantized). */
class QuantizedParityTest {
    private static final Path GOLDEN = Path.of("src/test/resources/quantized/golden.json");

    @TempDir static Path cache;

    private static Runtime runtime;
    private static JsonNode golden;

    @BeforeAll
    static void open() throws IOException {
        Path natives = Path.of("target", "onnxruntime");
        runtime = Runtime.open(new RuntimeOptions(2, Optional.empty(), natives));
        golden = new ObjectMapper().readTree(GOLDEN.toFile());
    }

    @AfterAll
    static void close() {
        runtime.close();
        assertThat(runtime.liveHandles()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "full-untied-f32-old, INT8",
        "full-untied-f32-old, INT4",
        "grouped-tied-bf16-sharded-new, INT8",
        "grouped-tied-bf16-sharded-new, INT4",
        "grouped-untied-f16-crossing, INT8",
        "grouped-untied-f16-crossing, INT4",
        "grouped-tied-f32, INT8",
        "grouped-tied-f32, INT4",
        "grouped-tied-f32, W8A8",
        "grouped-tied-f32, W4A8",
        "untied-f32-published, INT8",
        "untied-f32-published, INT4",
        "tied-bf16-sharded-published, INT8",
        "tied-bf16-sharded-published, INT4",
        "tied-f32-new, INT4",
        "untied-bf16-sharded-new, INT4",
    })
    void logProbabilitiesAreTransformers(String name, Precision precision) {
        JsonNode expected = golden.path("cases").path(name).path(precision.stored().text());
        Path family = QwenParityTest.CASES.contains(name) ? QwenParityTest.FOLDER : Golden.FOLDER;
        Golden said = Golden.read(family, name);
        LoadOptions options = LoadOptions.of(precision);
        try (LoadedModel model = LoadedModel.load(said.model(), cache, runtime, options)) {
            assertThat(model.precision()).isEqualTo(precision);
            Path folder = said.folder().resolve("adapter");
            LoraAdapter adapter = LoraAdapter.read(model, folder);
            for (int i = 0; i < said.rows().size(); i++) {
                Golden.Row row = said.rows().get(i);
                String what = "%s of %s in %s".formatted(row, name, precision);
                assertClose(
                        score(model, row, Optional.empty()), expected.path("base").get(i), what);
                assertClose(
                        score(model, row, Optional.of(adapter)),
                        expected.path("adapter").get(i),
                        what + ", adapted");
            }
        }
    }

    /** Rounded activations are for answering fast: what is scored and trained stays exact. */
    @ParameterizedTest
    @CsvSource({"INT8, W8A8", "INT4, W4A8"})
    void roundedActivationsChangeGenerationAndNoScores(Precision exact, Precision rounded) {
        Golden llava = Golden.read("grouped-tied-f32");
        Golden.Row row = llava.rows().getFirst();
        LoadOptions one = LoadOptions.of(exact);
        LoadOptions other = LoadOptions.of(rounded);
        try (LoadedModel expected = LoadedModel.load(llava.model(), cache, runtime, one);
                LoadedModel found = LoadedModel.load(llava.model(), cache, runtime, other)) {
            assertThat(score(found, row, Optional.empty()))
                    .isEqualTo(score(expected, row, Optional.empty()));
            double logp = firstLogp(expected, row);
            assertThat(firstLogp(found, row)).isNotEqualTo(logp).isCloseTo(logp, within(0.5));
        }
    }

    private static double firstLogp(LoadedModel model, Golden.Row row) {
        List<Piece> pieces = new ArrayList<>();
        new Generator(model)
                .generate(
                        row.messages(),
                        Optional.empty(),
                        SamplingOptions.greedy(1),
                        Cancellation.none(),
                        pieces::add);
        return pieces.getFirst().logprobs().getFirst();
    }

    private static List<Double> score(
            LoadedModel model, Golden.Row row, Optional<LoraAdapter> adapter) {
        return FamilyParity.score(model, row, row.pictures(), adapter);
    }

    private static void assertClose(List<Double> ours, JsonNode theirs, String what) {
        List<Double> expected = Golden.numbers(theirs);
        assertThat(ours).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            double least = 1e-3 * Math.max(1, Math.abs(expected.get(i)));
            assertThat(Math.abs(ours.get(i) - expected.get(i))).as(what).isLessThan(least);
        }
    }
}
