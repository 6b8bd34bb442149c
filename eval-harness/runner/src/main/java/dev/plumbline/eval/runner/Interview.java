package dev.plumbline.eval.runner;

import dev.plumbline.eval.benchmarks.EvaluationException;
import dev.plumbline.eval.benchmarks.EvaluationException.Code;
import dev.plumbline.eval.benchmarks.Question;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Asks questions about pictures, some at once and each distinct one once; the first failure ends
 * it.
 */
final class Interview {
    private static final long LOOK_MILLIS = 100;
    private static final long GRACE_SECONDS = 5;

    private final Answerer answerer;
    private final Progress progress;
    private final Cancellation cancellation;
    private final RunOptions options;
    private final AtomicReference<@Nullable EvaluationException> failure = new AtomicReference<>();

    Interview(Answerer answerer, Progress progress, Cancellation cancellation, RunOptions options) {
        this.answerer = answerer;
        this.progress = progress;
        this.cancellation = cancellation;
        this.options = options;
    }

    private record Answered(Question asked, String answer) {}

    Answers ask(List<Question> questions, Path images) {
        // By picture, so that the server can keep what it computed of one.
        List<Question> distinct =
                questions.stream()
                        .map(question ->
                                new Question(
                                        question.image(), options.prompt().fill(question.text())))
                        .distinct()
                        .sorted(Comparator.comparing(Question::image))
                        .toList();
        requireImages(distinct, images);
        ExecutorService workers =
                Executors.newFixedThreadPool(
                        options.inFlight(), Thread.ofVirtual().name("ask-", 0).factory());
        try {
            return new Answers(options.prompt(), collect(workers, distinct, images));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw cancelled();
        } finally {
            stop(workers);
        }
    }

    private Map<Question, String> collect(
            ExecutorService workers, List<Question> distinct, Path images)
            throws InterruptedException {
        CompletionService<Answered> calls = new ExecutorCompletionService<>(workers);
        distinct.forEach(question -> calls.submit(() -> answer(question, images)));
        Map<Question, String> answers = new HashMap<>();
        progress.advanced(0, distinct.size());
        while (answers.size() < distinct.size()) {
            Future<Answered> done = calls.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            if (cancellation.isCancelled()) {
                throw cancelled();
            }
            if (done != null) {
                Answered answered = get(done);
                answers.put(answered.asked(), answered.answer());
                progress.advanced(answers.size(), distinct.size());
            }
        }
        return answers;
    }

    private Answered answer(Question question, Path images) throws InterruptedException {
        if (failure.get() != null) {
            throw new InterruptedException("another call failed");
        }
        try {
            Path image = images.resolve(question.image());
            return new Answered(
                    question, answerer.answer(image, question.text(), options.maxNewTokens()));
        } catch (Exception e) {
            failure.compareAndSet(null, failed(question, e));
            throw e instanceof RuntimeException known ? known : new IllegalStateException(e);
        }
    }

    private Answered get(Future<Answered> done) throws InterruptedException {
        try {
            return done.get();
        } catch (ExecutionException e) {
            // The first failure, which may not be the first that came back.
            EvaluationException first = failure.get();
            throw first == null ? new IllegalStateException(e.getCause()) : first;
        }
    }

    /** Every picture is there before the first question is asked. */
    private static void requireImages(List<Question> questions, Path images) {
        List<String> missing =
                questions.stream()
                        .map(Question::image)
                        .distinct()
                        .filter(name -> !Files.isRegularFile(images.resolve(name)))
                        .toList();
        if (!missing.isEmpty()) {
            String others = missing.size() == 1 ? "" : " and " + (missing.size() - 1) + " more";
            throw new EvaluationException(
                    Code.NOT_FOUND,
                    "IMAGE_NOT_FOUND",
                    "The folder of images "
                            + images
                            + " lacks "
                            + missing.getFirst()
                            + others
                            + ". Give the folder that holds the pictures of the questions.",
                    Map.of(
                            "image", missing.getFirst(),
                            "images", images.toString(),
                            "missing", Integer.toString(missing.size())));
        }
    }

    private static EvaluationException failed(Question question, Exception cause) {
        String why = String.valueOf(cause.getMessage());
        return new EvaluationException(
                Code.UNAVAILABLE,
                "ANSWER_FAILED",
                "No answer about " + question.image() + " to \"" + question.text() + "\": " + why,
                Map.of("image", question.image(), "prompt", question.text(), "cause", why),
                cause);
    }

    private static EvaluationException cancelled() {
        return new EvaluationException(
                Code.CANCELLED,
                "EVALUATION_CANCELLED",
                "The evaluation was cancelled; nothing was written.",
                Map.of());
    }

    private static void stop(ExecutorService workers) {
        workers.shutdownNow();
        try {
            boolean ended = workers.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS);
            if (!ended) {
                System.getLogger(Interview.class.getName())
                        .log(
                                System.Logger.Level.WARNING,
                                "A call ignores its interrupt and goes on.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
