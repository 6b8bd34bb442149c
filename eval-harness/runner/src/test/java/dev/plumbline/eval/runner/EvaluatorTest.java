package dev.plumbline.eval.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.plumbline.eval.benchmarks.ChairSet;
import dev.plumbline.eval.benchmarks.EvaluationException;
import dev.plumbline.eval.benchmarks.Figure;
import dev.plumbline.eval.benchmarks.PopeReader;
import dev.plumbline.eval.benchmarks.PopeSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class EvaluatorTest {
    private static final int PICTURES = 8;

    @TempDir Path folder;

    /** Two settings that share half their questions. */
    @BeforeEach
    void write() throws IOException {
        StringBuilder random = new StringBuilder();
        StringBuilder popular = new StringBuilder();
        StringBuilder captions = new StringBuilder();
        for (int i = 0; i < PICTURES; i++) {
            Files.writeString(folder.resolve(i + ".jpg"), "picture " + i);
            random.append(line(i, "dog", "yes")).append(line(i, "cat", "no"));
            popular.append(line(i, "dog", "yes")).append(line(i, "owl", "no"));
            captions.append("{\"image\": \"%d.jpg\", \"text\": \"Describe.\"}%n".formatted(i));
        }
        Files.writeString(folder.resolve("pope_random.jsonl"), random);
        Files.writeString(folder.resolve("pope_popular.jsonl"), popular);
        Files.writeString(folder.resolve("captions.jsonl"), captions);
        Files.writeString(folder.resolve("synonyms.txt"), "dog, puppy\ncat\n");
        StringBuilder objects = new StringBuilder("{\"0.jpg\": [\"dog\", \"unicorn\"]");
        for (int i = 1; i < PICTURES; i++) {
            objects.append(", \"").append(i).append(".jpg\": [\"dog\"]");
        }
        Files.writeString(folder.resolve("objects.json"), objects.append('}'));
    }

    private static String line(int picture, String object, String label) {
        return "{\"image\": \"%d.jpg\", \"text\": \"Is there a %s?\", \"label\": \"%s\"}%n"
                .formatted(picture, object, label);
    }

    @Test
    void asksEachDistinctQuestionOnceAndTellsProgress() {
        Queue<String> asked = new ConcurrentLinkedQueue<>();
        List<Long> done = new ArrayList<>();
        Evaluator evaluator =
                new Evaluator(
                        (image, prompt, tokens) -> {
                            asked.add(image.getFileName() + " " + prompt + " " + tokens);
                            return prompt.contains("owl")
                                    ? "Yes."
                                    : prompt.contains("dog") ? "Yes" : "No.";
                        },
                        (now, total) -> {
                            assertThat(total).isEqualTo(3 * PICTURES);
                            done.add(now);
                        },
                        new Cancellation());

        Evaluation evaluation = evaluator.pope(sets(), folder, RunOptions.pope());

        assertThat(asked).hasSize(3 * PICTURES).doesNotHaveDuplicates();
        assertThat(asked).contains("0.jpg Is there a dog? 128");
        assertThat(done).first().isEqualTo(0L);
        assertThat(done).last().isEqualTo(3L * PICTURES);
        assertThat(done).isSorted();
        assertThat(evaluation.n()).isEqualTo(4 * PICTURES);
        assertThat(evaluation.card().figure("random_accuracy")).isEqualTo(new Figure.Measured(1));
        assertThat(evaluation.card().figure("popular_accuracy"))
                .isEqualTo(new Figure.Measured(0.5));
        assertThat(evaluation.card().figure("accuracy")).isEqualTo(new Figure.Measured(0.75));
    }

    @Test
    void keepsAsManyCallsUnderWayAsAllowed() {
        // Each call waits until four are there, so it ends only where four run at once.
        CyclicBarrier four = new CyclicBarrier(4);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Evaluator evaluator =
                evaluator((image, prompt, tokens) -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    four.await(30, TimeUnit.SECONDS);
                    running.decrementAndGet();
                    return "No";
                });

        evaluator.pope(sets(), folder, RunOptions.pope().withInFlight(4));

        assertThat(most.get()).isEqualTo(4);
    }

    @Test
    void putsTheQuestionIntoThePrompt() {
        Queue<String> prompts = new ConcurrentLinkedQueue<>();
        Evaluator evaluator = recording(prompts);
        RunOptions options =
                RunOptions.pope()
                        .withPrompt(new PromptTemplate("{question}\nAnswer in one word."))
                        .withMaxNewTokens(3);

        Evaluation evaluation = evaluator.pope(sets(), folder, options);

        assertThat(prompts).contains("Is there a cat?\nAnswer in one word.");
        assertThat(evaluation.answers().getFirst().prompt())
                .isEqualTo("Is there a dog?\nAnswer in one word.");
        assertThat(evaluation.answers().getFirst().question().text()).isEqualTo("Is there a dog?");
    }

    @Test
    void refusesAPopePromptWithoutItsQuestion() {
        RunOptions options = RunOptions.pope().withPrompt(new PromptTemplate("Is there a dog?"));
        Queue<String> prompts = new ConcurrentLinkedQueue<>();

        EvaluationException failure = failure(recording(prompts), options);

        assertThat(failure.reason()).isEqualTo("PROMPT_WITHOUT_QUESTION");
        assertThat(prompts).isEmpty();
    }

    @Test
    void namesAMissingPictureBeforeAnythingIsAsked() throws IOException {
        Files.delete(folder.resolve("3.jpg"));
        Files.delete(folder.resolve("5.jpg"));
        Queue<String> prompts = new ConcurrentLinkedQueue<>();

        EvaluationException failure = failure(recording(prompts), RunOptions.pope());

        assertThat(failure.code()).isEqualTo(EvaluationException.Code.NOT_FOUND);
        assertThat(failure.metadata())
                .containsEntry("image", "3.jpg")
                .containsEntry("missing", "2");
        assertThat(failure)
                .hasMessageContaining("3.jpg and 1 more")
                .hasMessageContaining(folder.toString());
        assertThat(prompts).isEmpty();
    }

    @Test
    void aFailedCallEndsTheEvaluationAndNamesItsItem() {
        AtomicInteger calls = new AtomicInteger();
        Evaluator evaluator =
                evaluator((image, prompt, tokens) -> {
                    calls.incrementAndGet();
                    if (image.endsWith("2.jpg") && prompt.contains("cat")) {
                        throw new IOException("the server is full");
                    }
                    return "No";
                });

        EvaluationException failure = failure(evaluator, RunOptions.pope().withInFlight(1));

        assertThat(failure.reason()).isEqualTo("ANSWER_FAILED");
        assertThat(failure.metadata())
                .isEqualTo(
                        Map.of(
                                "image",
                                "2.jpg",
                                "prompt",
                                "Is there a cat?",
                                "cause",
                                "the server is full"));
        assertThat(failure).hasCauseInstanceOf(IOException.class);
        assertThat(calls.get()).isLessThan(3 * PICTURES);
    }

    @Test
    void cancellingInterruptsTheCallsUnderWay() throws InterruptedException {
        Cancellation cancellation = new Cancellation();
        CountDownLatch started = new CountDownLatch(4);
        CountDownLatch interrupted = new CountDownLatch(4);
        Answerer stuck =
                (image, prompt, tokens) -> {
                    started.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                        throw e;
                    }
                    return "";
                };
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        started.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    cancellation.cancel();
                });

        EvaluationException failure =
                failure(new Evaluator(stuck, Progress.NONE, cancellation), RunOptions.pope());

        assertThat(failure.code()).isEqualTo(EvaluationException.Code.CANCELLED);
        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anInterruptOfTheCallerCancels() {
        AtomicBoolean still = new AtomicBoolean();
        Evaluator evaluator =
                evaluator((image, prompt, tokens) -> {
                    Thread.sleep(60_000);
                    return "";
                });
        Thread.currentThread().interrupt();

        EvaluationException failure = failure(evaluator, RunOptions.pope());
        still.set(Thread.interrupted());

        assertThat(failure.code()).isEqualTo(EvaluationException.Code.CANCELLED);
        assertThat(still).isTrue();
    }

    @Test
    void captionsAreScoredWithTheirMentions() {
        Evaluator evaluator =
                evaluator((image, prompt, tokens) ->
                        "A puppy" + (image.endsWith("1.jpg") ? ", a cat." : "."));

        Evaluation evaluation =
                evaluator.chair(ChairSet.read(folder, null, null), folder, RunOptions.chair());

        assertThat(evaluation.n()).isEqualTo(PICTURES);
        assertThat(evaluation.card().figure("chair_s"))
                .isEqualTo(new Figure.Measured(1.0 / PICTURES));
        assertThat(evaluation.answers()).filteredOn(answer -> !answer.right()).hasSize(1);
        assertThat(evaluation.warnings()).singleElement().asString().contains("unicorn");
        // One true object of the nine can never be found.
        assertThat(evaluation.card().figure("recall")).isEqualTo(new Figure.Measured(8.0 / 9));
    }

    private List<PopeSet> sets() {
        return PopeReader.read(folder);
    }

    private EvaluationException failure(Evaluator evaluator, RunOptions options) {
        return catchThrowableOfType(
                EvaluationException.class, () -> evaluator.pope(sets(), folder, options));
    }

    private static Evaluator recording(Queue<String> prompts) {
        return evaluator((image, prompt, tokens) -> {
            prompts.add(prompt);
            return "No";
        });
    }

    private static Evaluator evaluator(Answerer answerer) {
        return new Evaluator(answerer, Progress.NONE, new Cancellation());
    }
}
