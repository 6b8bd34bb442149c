package dev.plumbline.engine.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.generate.SamplingOptions.Randomness;
import dev.plumbline.engine.image.ImageDecoder;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.ChatMessage;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.RuntimeOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratorTest {
    private static final Path FIXTURES = Path.of("src/test/resources/llava");
    private static final String QUESTION = "What is in the picture?";

    @TempDir static Path cache;

    private static Runtime runtime;
    private static LoadedModel model;
    private static Picture picture;

    @BeforeAll
    static void load() throws IOException {
        Path natives = Path.of("target", "onnxruntime");
        runtime = Runtime.open(new RuntimeOptions(2, Optional.empty(), natives));
        model = LoadedModel.load(FIXTURES.resolve("grouped-tied-f32/model"), cache, runtime);
        byte[] png = Files.readAllBytes(FIXTURES.resolve("images/dots-53x31.png"));
        picture = ImageDecoder.decode(png, "dots");
    }

    @AfterAll
    static void close() {
        model.close();
        runtime.close();
        assertThat(runtime.liveHandles()).isZero();
    }

    @Test
    void theSameSeedGivesTheSameAnswer() {
        Answer first = generate(drawn(1, 24));
        assertThat(generate(drawn(1, 24))).isEqualTo(first);
        assertThat(generate(drawn(2, 24)).ids()).isNotEqualTo(first.ids());
    }

    @Test
    void piecesAreTheWholeTextAndSplitNoCharacter() {
        for (int seed = 0; seed < 30; seed++) {
            Answer answer = generate(drawn(seed, 40));
            List<Integer> said =
                    answer.ids().stream().filter(id -> !model.endIds().contains(id)).toList();
            String text = String.join("", answer.texts());
            assertThat(text).as("seed %d", seed).isEqualTo(model.tokenizer().decode(said, true));
            for (String piece : answer.texts()) {
                byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
                // An unpaired surrogate would come back as a question mark.
                assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(piece);
            }
        }
    }

    @Test
    void reportsLikeliestAlternatives() {
        SamplingOptions options = new SamplingOptions(6, Randomness.GREEDY, 1, List.of(), 3);
        List<Piece> pieces = new ArrayList<>();
        run(ask(QUESTION), options, new Cancellation(), pieces::add);
        for (Piece piece : pieces) {
            for (int i = 0; i < piece.tokenIds().size(); i++) {
                List<TokenLogprob> top = piece.topLogprobs().get(i);
                assertThat(top).hasSize(3);
                assertThat(top.getFirst())
                        .isEqualTo(
                                new TokenLogprob(piece.tokenIds().get(i), piece.logprobs().get(i)));
                assertThat(top.get(1).logprob()).isLessThanOrEqualTo(top.getFirst().logprob());
            }
        }
    }

    @Test
    void aStopTextIsNeverShown() {
        Answer whole = generate(SamplingOptions.greedy(24));
        String text = String.join("", whole.texts());
        assertThat(text.length()).isGreaterThan(8);
        for (int length = 1; length <= 6; length++) {
            String stop = text.substring(text.length() / 2, text.length() / 2 + length);
            Answer cut = generate(new SamplingOptions(24, Randomness.GREEDY, 1, List.of(stop), 0));
            assertThat(String.join("", cut.texts()))
                    .isEqualTo(text.substring(0, text.indexOf(stop)));
            assertThat(cut.completion().finishReason()).isEqualTo(FinishReason.STOP);
            assertThat(cut.ids()).hasSizeLessThanOrEqualTo(whole.ids().size());
        }
        Answer kept = generate(new SamplingOptions(24, Randomness.GREEDY, 1, List.of("\0"), 0));
        assertThat(String.join("", kept.texts())).isEqualTo(text);
    }

    @Test
    void endsAtTheLimitOrAtTheContextsEnd() {
        Completion few = generate(SamplingOptions.greedy(3)).completion();
        assertThat(few.finishReason()).isEqualTo(FinishReason.LENGTH);
        assertThat(few.completionTokens()).isEqualTo(3);
        assertThat(few.imageTokens()).isEqualTo(model.imageTokens());
        List<Completion> full = new ArrayList<>();
        for (int seed = 0; seed < 20 && full.isEmpty(); seed++) {
            Completion one = generate(drawn(seed, Integer.MAX_VALUE)).completion();
            if (one.finishReason() == FinishReason.LENGTH) {
                full.add(one);
            }
        }
        assertThat(full).isNotEmpty();
        assertThat(full.getFirst().promptTokens() + full.getFirst().completionTokens())
                .isEqualTo(model.contextLength());
    }

    @Test
    void refusesPromptsThatCannotBe() {
        assertThat(refusal(ask(QUESTION.repeat(model.contextLength()))).reason())
                .isEqualTo("PROMPT_TOO_LONG");
        assertThat(refusal(ask("")).reason()).isEqualTo("PROMPT_EMPTY");
        assertThat(refusal(ask(" \n")).reason()).isEqualTo("PROMPT_EMPTY");
        PlumblineException image = refusal(ask("What is <image> here?"));
        assertThat(image.reason()).isEqualTo("IMAGE_TOKEN_IN_TEXT");
        assertThat(image).hasMessageContaining("<image>");
        for (String text : List.of("", "What is <image> here?")) {
            assertThat(refusal(ask(text)).code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
            assertThat(refusal(ask(text)).field()).isPresent();
        }
    }

    @Test
    void stopsWithinTwoStepsOfACancel() throws InterruptedException {
        Generator generator = new Generator(model);
        Cancellation cancellation = new Cancellation();
        long[] before = {-1};
        int[] pieces = {0};
        Thread canceller =
                new Thread(() -> {
                    before[0] = generator.decodeSteps();
                    cancellation.cancel();
                });
        PlumblineException failure =
                catchThrowableOfType(
                        PlumblineException.class,
                        () ->
                                generator.generate(
                                        ask(QUESTION),
                                        Optional.empty(),
                                        SamplingOptions.greedy(100),
                                        cancellation,
                                        piece -> {
                                            if (++pieces[0] == 5) {
                                                canceller.start();
                                                // So that the answer is not done before.
                                                while (!cancellation.isCancelled()) {
                                                    Thread.onSpinWait();
                                                }
                                            }
                                        }));
        canceller.join();
        assertThat(failure.code()).isEqualTo(ErrorCode.CANCELLED);
        // The reader is shown the fifth token; a few more may be ready for it.
        assertThat(before[0]).isBetween(4L, 4L + Handoff.CAPACITY);
        assertThat(generator.decodeSteps() - before[0]).isLessThanOrEqualTo(2);
        assertThat(generate(SamplingOptions.greedy(3)).ids()).hasSize(3);
    }

    private record Answer(Completion completion, List<Integer> ids, List<String> texts) {}

    private static SamplingOptions drawn(long seed, int tokens) {
        return new SamplingOptions(tokens, new Randomness(1.5, 1, 0, seed), 1, List.of(), 0);
    }

    private static List<ChatMessage> ask(String question) {
        return List.of(ChatMessage.user(List.of(picture), question));
    }

    private static Answer generate(SamplingOptions options) {
        List<Piece> pieces = new ArrayList<>();
        Completion completion = run(ask(QUESTION), options, new Cancellation(), pieces::add);
        return new Answer(
                completion,
                pieces.stream().flatMap(piece -> piece.tokenIds().stream()).toList(),
                pieces.stream().map(Piece::text).toList());
    }

    private static Completion run(
            List<ChatMessage> messages,
            SamplingOptions options,
            Cancellation cancellation,
            Consumer<Piece> pieces) {
        return new Generator(model)
                .generate(messages, Optional.empty(), options, cancellation, pieces);
    }

    private static PlumblineException refusal(List<ChatMessage> messages) {
        return catchThrowableOfType(
                PlumblineException.class,
                () -> run(messages, SamplingOptions.greedy(1), new Cancellation(), piece -> {}));
    }
}
