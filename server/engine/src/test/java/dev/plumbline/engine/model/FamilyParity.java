package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.generate.Generator;
import dev.plumbline.engine.generate.Piece;
import dev.plumbline.engine.generate.SamplingOptions;
import dev.plumbline.engine.generate.ServingLimits;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.Golden.Row;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.RuntimeOptions;
import dev.plumbline.engine.score.AnswerScore;
import dev.plumbline.engine.score.AnswerSequence;
import dev.plumbline.engine.score.Scorer;
import dev.plumbline.engine.score.Tokenization;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Tokens, log-probabilities and greedy answers of a family against transformers and peft. A family
 * names its {@code CASES}.
 */
abstract class FamilyParity {
    private final Path family;

    /**
     * @param family folder of the cases
     */
    FamilyParity(Path family) {
        this.family = family;
    }

    /** The adapter in both tensor namings, and none. */
    private static final List<Optional<String>> ADAPTERS =
            List.of(
                    Optional.empty(),
                    Optional.of("adapter"),
                    Optional.of("adapter-transformers-4"));

    private static final double MOVE = 0.1;

    @TempDir static Path cache;

    private static Runtime runtime;
    private static final Map<String, LoadedModel> MODELS = new HashMap<>();

    @BeforeAll
    static void open() {
        Path natives = Path.of("target", "onnxruntime");
        runtime = Runtime.open(new RuntimeOptions(2, Optional.empty(), natives));
    }

    @AfterAll
    static void close() {
        MODELS.values().forEach(LoadedModel::close);
        MODELS.clear();
        runtime.close();
        assertThat(runtime.liveHandles()).isZero();
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void tokensAreTransformers(String name) {
        Golden golden = golden(name);
        LoadedModel model = model(name);
        for (Row row : golden.rows()) {
            EncodedPrompt prompt = model.prompts().encode(row.messages());
            assertThat(prompt.text()).as("%s", row).isEqualTo(row.json().get("prompt").asText());
            assertThat(prompt.ids()).as("%s", row).isEqualTo(row.promptIds());
            if (!row.hasSystem()) {
                Tokenization tokens =
                        new Scorer(model).tokenize(row.question(), row.answer(), row.pictures());
                assertThat(tokens.prompt()).isEqualTo(prompt.text());
                assertThat(tokens.inputIds()).as("%s", row).isEqualTo(row.inputIds());
                assertThat(tokens.answerStart()).as("%s", row).isEqualTo(row.answerStart());
            }
        }
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void logProbabilitiesAreTransformers(String name) {
        Golden golden = golden(name);
        LoadedModel model = model(name);
        for (Optional<String> naming : ADAPTERS) {
            Optional<LoraAdapter> adapter = adapter(golden, model, naming);
            for (Row row : golden.rows()) {
                List<Double> expected = row.said(naming.isPresent()).tokenLogprobs();
                String what = row + ", " + naming;
                assertClose(score(model, row, row.pictures(), adapter), expected, what);
                if (!row.hasSystem() && row.images().size() < 2) {
                    AnswerScore score =
                            new Scorer(model)
                                    .score(
                                            row.question(),
                                            row.answer(),
                                            row.pictures(),
                                            adapter,
                                            Cancellation.none())
                                    .getFirst();
                    assertClose(score.tokenLogprobs(), expected, what);
                }
            }
        }
    }

    /** Prompts are read in pieces that end among image tokens, and their beginnings kept. */
    @ParameterizedTest
    @FieldSource("CASES")
    void greedyAnswersAreTransformers(String name) {
        Golden golden = golden(name);
        LoadedModel model = model(name);
        ServingLimits usual = ServingLimits.defaults(model.facts());
        Generator generator =
                new Generator(model, new ServingLimits(2, usual.kvBytes(), 1 << 24, 7, 2));
        for (Optional<String> naming : ADAPTERS) {
            Optional<LoraAdapter> adapter = adapter(golden, model, naming);
            for (Row row : golden.rows()) {
                Golden.Said said = row.said(naming.isPresent());
                List<Piece> pieces = generate(generator, row, adapter);
                List<Integer> ids = pieces.stream().flatMap(p -> p.tokenIds().stream()).toList();
                int certain = said.certainSteps();
                assertThat(certain).isPositive();
                assertThat(ids).hasSizeGreaterThanOrEqualTo(certain);
                assertThat(ids.subList(0, certain))
                        .as("%s, %s", row, naming)
                        .isEqualTo(said.greedyIds().subList(0, certain));
                if (certain == said.greedyIds().size()) {
                    String text = String.join("", pieces.stream().map(Piece::text).toList());
                    assertThat(text).isEqualTo(said.greedyText());
                }
                assertClose(
                        pieces.stream().flatMap(p -> p.logprobs().stream()).toList(),
                        score(model, row, row.pictures(), 0, ids, adapter),
                        "generated and scored: " + row);
            }
        }
        assertThat(generator.prefixes().hits()).isPositive();
        generator.close();
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void anotherPictureOrNoAdapterIsSeen(String name) {
        Golden golden = golden(name);
        LoadedModel model = model(name);
        Optional<LoraAdapter> adapter = adapter(golden, model, Optional.of("adapter"));
        for (Row row : golden.rows()) {
            double sum = row.said(false).sum();
            double adapted = sum(score(model, row, row.pictures(), adapter));
            assertThat(Math.abs(sum - adapted)).as("%s: adapter", row).isGreaterThan(MOVE);
            for (String other : row.images().isEmpty() ? List.<String>of() : golden.images()) {
                if (!row.images().getFirst().equals(other)) {
                    List<Picture> pictures = new ArrayList<>(row.pictures());
                    pictures.set(0, Golden.picture(other));
                    double moved = sum(score(model, row, pictures, Optional.empty()));
                    assertThat(Math.abs(sum - moved)).as("%s: %s", row, other).isGreaterThan(MOVE);
                }
            }
        }
    }

    Golden golden(String name) {
        return Golden.read(family, name);
    }

    LoadedModel model(String name) {
        return MODELS.computeIfAbsent(
                name, key -> LoadedModel.load(golden(key).model(), cache, runtime));
    }

    /** Another checkpoint, for the caller to close. */
    static LoadedModel load(Path folder) {
        return LoadedModel.load(folder, cache, runtime);
    }

    private static Optional<LoraAdapter> adapter(
            Golden golden, LoadedModel model, Optional<String> folder) {
        return folder.map(name -> LoraAdapter.read(model, golden.folder().resolve(name)));
    }

    /** Of a row's answer after its question on any pictures. */
    static List<Double> score(
            LoadedModel model, Row row, List<Picture> pictures, Optional<LoraAdapter> adapter) {
        int start = row.answerStart();
        int replaced = row.promptIds().size() - start;
        List<Integer> answer = row.inputIds().subList(start, row.inputIds().size());
        return score(model, row, pictures, replaced, answer, adapter);
    }

    /**
     * Of given ids, whatever they were tokenized from.
     *
     * @param replaced how many of the prompt's last ids the answer takes the place of
     */
    static List<Double> score(
            LoadedModel model,
            Row row,
            List<Picture> pictures,
            int replaced,
            List<Integer> answer,
            Optional<LoraAdapter> adapter) {
        EncodedPrompt prompt = model.prompts().encode(row.messages(pictures));
        int start = prompt.ids().size() - replaced;
        List<Integer> ids = new ArrayList<>(prompt.ids().subList(0, start));
        ids.addAll(answer);
        TokenPositions positions = prompt.positions().followedBy(ids.size() - prompt.ids().size());
        EncodedPrompt sequence =
                new EncodedPrompt(prompt.text(), ids, prompt.imagePositions(), positions);
        List<Tensor> features =
                pictures.stream()
                        .map(picture -> model.features().of(picture, Cancellation.none()))
                        .toList();
        LoraTensors lora = adapter.map(LoraAdapter::tensors).orElse(LoraTensors.NONE);
        EncodedAnswer encoded = new EncodedAnswer(sequence, start);
        return new Scorer(model)
                .tokenLogps(
                        List.of(new AnswerSequence(encoded, features)), lora, Cancellation.none())
                .getFirst();
    }

    private static double sum(List<Double> logps) {
        return logps.stream().mapToDouble(Double::doubleValue).sum();
    }

    private static List<Piece> generate(
            Generator generator, Row row, Optional<LoraAdapter> adapter) {
        List<Piece> pieces = new ArrayList<>();
        generator.generate(
                row.messages(),
                adapter,
                SamplingOptions.greedy(24),
                Cancellation.none(),
                pieces::add);
        return pieces;
    }

    private static void assertClose(List<Double> found, List<Double> expected, String what) {
        assertThat(found).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < found.size(); i++) {
            double logp = expected.get(i);
            assertThat(found.get(i))
                    .as("%s, token %d", what, i)
                    .isCloseTo(logp, within(1e-4 * Math.max(1, Math.abs(logp))));
        }
    }
}
