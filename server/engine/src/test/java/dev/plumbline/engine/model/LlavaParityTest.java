package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.generate.Generator;
import dev.plumbline.engine.generate.Piece;
import dev.plumbline.engine.generate.SamplingOptions;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens, log-probabilities and greedy answers against transformers and peft (resources/llava). */
class LlavaParityTest {
    static final List<String> CASES = Golden.CASES;

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
        runtime.close();
        assertThat(runtime.liveHandles()).isZero();
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void tokensAreTransformers(String name) {
        Golden golden = Golden.read(name);
        LoadedModel model = model(name);
        assertThat(model.imageTokens()).isEqualTo(golden.json().get("image_tokens").asInt());
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
        Golden golden = Golden.read(name);
        LoadedModel model = model(name);
        for (Optional<String> naming : ADAPTERS) {
            Optional<LoraAdapter> adapter = adapter(golden, model, naming);
            for (Row row : golden.rows()) {
                List<Double> expected = row.said(naming.isPresent()).tokenLogprobs();
                String what = row + ", " + naming;
                assertClose(score(model, row, row.pictures(), adapter), expected, what);
                if (!row.hasSystem()) {
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

    @ParameterizedTest
    @FieldSource("CASES")
    void greedyAnswersAreTransformers(String name) {
        Golden golden = Golden.read(name);
        LoadedModel model = model(name);
        for (Optional<String> naming : ADAPTERS) {
            Optional<LoraAdapter> adapter = adapter(golden, model, naming);
            for (Row row : golden.rows()) {
                Golden.Said said = row.said(naming.isPresent());
                List<Piece> pieces = generate(model, row, adapter);
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
                List<Integer> all = new ArrayList<>(row.promptIds());
                all.addAll(ids);
                assertClose(
                        pieces.stream().flatMap(p -> p.logprobs().stream()).toList(),
                        score(model, row, all, row.promptIds().size(), row.pictures(), adapter),
                        "generated and scored: " + row);
            }
        }
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void anotherPictureOrNoAdapterIsSeen(String name) {
        Golden golden = Golden.read(name);
        LoadedModel model = model(name);
        Optional<LoraAdapter> adapter = adapter(golden, model, Optional.of("adapter"));
        for (Row row : golden.rows()) {
            double sum = row.said(false).sum();
            double adapted = sum(score(model, row, row.pictures(), adapter));
            assertThat(Math.abs(sum - adapted)).as("%s: adapter", row).isGreaterThan(MOVE);
            golden.json()
                    .get("images")
                    .fieldNames()
                    .forEachRemaining(other -> {
                        if (row.image().isPresent() && !row.image().get().equals(other)) {
                            List<Picture> pictures = List.of(Golden.picture(other));
                            double moved = sum(score(model, row, pictures, Optional.empty()));
                            assertThat(Math.abs(sum - moved))
                                    .as("%s: %s", row, other)
                                    .isGreaterThan(MOVE);
                        }
                    });
        }
    }

    /** The layout of Hugging Face's cache: snapshots of links to blobs named by their content. */
    @ParameterizedTest
    @ValueSource(strings = {"full-untied-f32-old", "grouped-tied-bf16-sharded-new"})
    void loadsThroughTheLinksOfACache(String name, @TempDir Path hub) throws IOException {
        Golden golden = Golden.read(name);
        Path blobs = Files.createDirectories(hub.resolve("models--tiny/blobs"));
        Path snapshot = Files.createDirectories(hub.resolve("models--tiny/snapshots/1f2e3d"));
        try (Stream<Path> files = Files.list(golden.model())) {
            int number = 0;
            for (Path file : files.toList()) {
                Path blob = blobs.resolve("blob" + number++);
                Files.copy(file, blob);
                Path link = snapshot.resolve(file.getFileName());
                Files.createSymbolicLink(link, snapshot.relativize(blob));
            }
        }
        Row row = golden.rows().getFirst();
        try (LoadedModel linked = LoadedModel.load(snapshot, cache, runtime)) {
            assertThat(linked.digest()).isEqualTo(model(name).digest());
            assertThat(score(linked, row, row.pictures(), Optional.empty()))
                    .isEqualTo(score(model(name), row, row.pictures(), Optional.empty()));
        }
    }

    private static LoadedModel model(String name) {
        return MODELS.computeIfAbsent(
                name, key -> LoadedModel.load(Golden.read(key).model(), cache, runtime));
    }

    private static Optional<LoraAdapter> adapter(
            Golden golden, LoadedModel model, Optional<String> folder) {
        return folder.map(name -> LoraAdapter.read(model, golden.folder().resolve(name)));
    }

    private static List<Double> score(
            LoadedModel model, Row row, List<Picture> pictures, Optional<LoraAdapter> adapter) {
        return score(model, row, row.inputIds(), row.answerStart(), pictures, adapter);
    }

    /** Of given ids, whatever they were tokenized from. */
    private static List<Double> score(
            LoadedModel model,
            Row row,
            List<Integer> ids,
            int answerStart,
            List<Picture> pictures,
            Optional<LoraAdapter> adapter) {
        EncodedPrompt prompt = model.prompts().encode(row.messages());
        EncodedPrompt sequence =
                new EncodedPrompt(
                        prompt.text(),
                        ids,
                        prompt.imagePositions(),
                        prompt.positions().followedBy(ids.size() - prompt.ids().size()));
        List<Tensor> features =
                pictures.stream()
                        .map(picture -> model.features().of(picture, Cancellation.none()))
                        .toList();
        LoraTensors lora = adapter.map(LoraAdapter::tensors).orElse(LoraTensors.NONE);
        EncodedAnswer answer = new EncodedAnswer(sequence, answerStart);
        return new Scorer(model)
                .tokenLogps(
                        List.of(new AnswerSequence(answer, features)), lora, Cancellation.none())
                .getFirst();
    }

    private static double sum(List<Double> logps) {
        return logps.stream().mapToDouble(Double::doubleValue).sum();
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
