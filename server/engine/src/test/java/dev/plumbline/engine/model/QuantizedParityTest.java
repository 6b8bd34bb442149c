package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.generate.Generator;
import dev.plumbline.engine.generate.Piece;
import dev.plumbline.engine.generate.SamplingOptions;
import dev.plumbline.engine.model.Golden.Row;
import dev.plumbline.engine.model.Golden.Said;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.RuntimeOptions;
import dev.plumbline.engine.score.Scorer;
import dev.plumbline.engine.tensor.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Quantized models against transformers and peft on weights that a script of its own has quantized
 * and dequantized (quantized.json, by make_quantized_fixtures.py).
 */
class QuantizedParityTest {
    /** Relative to log p, as for fp32, of activations in sixteen bits. */
    private static final double TOLERANCE = 1e-3;

    @TempDir static Path cache;

    private static Runtime runtime;

    @BeforeAll
    static void open() {
        Path natives = Path.of("target", "onnxruntime");
        runtime = Runtime.open(new RuntimeOptions(2, Optional.empty(), natives));
    }

    @AfterAll
    static void close() {
        runtime.close();
        assertThat(runtime.liveHandles()).isZero();
    }

    static Stream<Arguments> quantizedModels() {
        return Golden.CASES.stream()
                .flatMap(name ->
                        Stream.of(Precision.INT4, Precision.INT8)
                                .map(precision -> Arguments.of(name, precision)));
    }

    @ParameterizedTest
    @MethodSource("quantizedModels")
    void answersAreThoseOfTheDequantizedWeights(String name, Precision precision) {
        try (LoadedModel model = load(name, precision)) {
            Scorer scorer = new Scorer(model);
            for (boolean adapted : List.of(false, true)) {
                Optional<LoraAdapter> adapter = adapter(model, name, adapted);
                List<Row> rows = Golden.read(name).rows();
                for (int i = 0; i < rows.size(); i++) {
                    Said said = said(name, precision, i, adapted);
                    if (!rows.get(i).hasSystem()) {
                        assertClose(
                                score(scorer, rows.get(i), adapter), said, rows.get(i).toString());
                    }
                    assertGreedy(generate(model, rows.get(i), adapter), said);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("quantizedModels")
    void roundedActivationsChangeGenerationAndNoScores(String name, Precision exact) {
        Precision rounded = exact == Precision.INT4 ? Precision.W4A8 : Precision.W8A8;
        Row row = Golden.read(name).rows().getFirst();
        try (LoadedModel one = load(name, exact);
                LoadedModel other = load(name, rounded)) {
            List<Double> scores = score(new Scorer(one), row, Optional.empty());
            assertThat(score(new Scorer(other), row, Optional.empty())).isEqualTo(scores);
            double first = firstLogp(one, row);
            assertThat(firstLogp(other, row)).isNotEqualTo(first).isCloseTo(first, within(0.5));
        }
    }

    private static LoadedModel load(String name, Precision precision) {
        Path folder = Golden.read(name).model();
        return LoadedModel.load(folder, cache, runtime, LoadOptions.of(precision));
    }

    private static Optional<LoraAdapter> adapter(LoadedModel model, String name, boolean adapted) {
        return Optional.of(Golden.read(name).folder().resolve("adapter"))
                .filter(folder -> adapted)
                .map(folder -> LoraAdapter.read(model, folder));
    }

    private static List<Double> score(Scorer scorer, Row row, Optional<LoraAdapter> adapter) {
        return scorer.score(
                        row.question(), row.answer(), row.pictures(), adapter, Cancellation.none())
                .getFirst()
                .tokenLogprobs();
    }

    private static void assertClose(List<Double> found, Said said, String what) {
        List<Double> expected = said.tokenLogprobs();
        assertThat(found).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < found.size(); i++) {
            double logp = expected.get(i);
            double limit = TOLERANCE * Math.max(1, Math.abs(logp));
            assertThat(found.get(i)).as("%s, token %d", what, i).isCloseTo(logp, within(limit));
        }
    }

    private static void assertGreedy(List<Piece> pieces, Said said) {
        List<Integer> ids = pieces.stream().flatMap(p -> p.tokenIds().stream()).toList();
        int certain = said.certainSteps();
        assertThat(certain).isPositive();
        assertThat(ids).startsWith(said.greedyIds().subList(0, certain).toArray(new Integer[0]));
    }

    private static double firstLogp(LoadedModel model, Row row) {
        return generate(model, row, Optional.empty()).getFirst().logprobs().getFirst();
    }

    private static List<Piece> generate(LoadedModel model, Row row, Optional<LoraAdapter> adapter) {
        List<Piece> pieces = new ArrayList<>();
        new Generator(model)
                .generate(
                        row.messages(),
                        adapter,
                        SamplingOptions.greedy(24),
                        Cancellation.none(),
                        pieces::add);
        return pieces;
    }

    private static Said said(String name, Precision precision, int row, boolean adapted) {
        Path file = Golden.read(name).folder().resolve("quantized.json");
        try {
            JsonNode json = new ObjectMapper().readTree(file.toFile());
            String pointer = "/%s/%d/%s".formatted(precision, row, adapted ? "adapter" : "base");
            return new Said(json.at(pointer));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
