package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.generate.Generator;
import dev.plumbline.engine.generate.Piece;
import dev.plumbline.engine.generate.SamplingOptions;
import dev.plumbline.engine.model.Golden.Row;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.score.Scorer;
import dev.plumbline.engine.tensor.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What w4a8 and w8a8 change beside int4 and int8: generation, and nothing else. */
class RoundedActivationsTest {
    private static final Golden GOLDEN = Golden.read("grouped-untied-f16-crossing");

    @TempDir static Path cache;

    private static TestRuntime runtime;

    @BeforeAll
    static void open() {
        runtime = new TestRuntime();
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    @ParameterizedTest
    @CsvSource({"INT4, W4A8", "INT8, W8A8"})
    void generationIsRoundedAndScoresAreNot(Precision exact, Precision rounded) {
        Row row = GOLDEN.rows().getFirst();
        try (LoadedModel one = load(exact);
                LoadedModel other = load(rounded)) {
            assertThat(score(other, row)).isEqualTo(score(one, row));
            double first = firstLogp(one, row);
            assertThat(firstLogp(other, row)).isNotEqualTo(first).isCloseTo(first, within(0.5));
        }
    }

    @ParameterizedTest
    @CsvSource({"INT4", "INT8"})
    void exactGenerationSaysWhatScoringSays(Precision precision) {
        Row row = GOLDEN.rows().getFirst();
        try (LoadedModel model = load(precision)) {
            List<Piece> pieces = generate(model, row);
            List<Double> logps = pieces.stream().flatMap(p -> p.logprobs().stream()).toList();
            List<Integer> ids = pieces.stream().flatMap(p -> p.tokenIds().stream()).toList();
            List<Double> scored =
                    FamilyParity.score(model, row, row.pictures(), 0, ids, Optional.empty());
            assertThat(logps).hasSameSizeAs(scored);
            for (int i = 0; i < scored.size(); i++) {
                assertThat(logps.get(i)).isCloseTo(scored.get(i), within(1e-3));
            }
        }
    }

    private static LoadedModel load(Precision precision) {
        LoadOptions options = LoadOptions.of(precision);
        return LoadedModel.load(GOLDEN.model(), cache, runtime.runtime(), options);
    }

    private static List<Double> score(LoadedModel model, Row row) {
        return new Scorer(model)
                .score(
                        row.question(),
                        row.answer(),
                        row.pictures(),
                        Optional.empty(),
                        Cancellation.none())
                .getFirst()
                .tokenLogprobs();
    }

    private static double firstLogp(LoadedModel model, Row row) {
        return generate(model, row).getFirst().logprobs().getFirst();
    }

    private static List<Piece> generate(LoadedModel model, Row row) {
        List<Piece> pieces = new ArrayList<>();
        new Generator(model)
                .generate(
                        row.messages(),
                        Optional.empty(),
                        SamplingOptions.greedy(24),
                        Cancellation.none(),
                        pieces::add);
        return pieces;
    }
}
