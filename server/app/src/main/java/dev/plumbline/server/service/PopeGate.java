package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.generate.Generator;
import dev.plumbline.engine.generate.Prepared;
import dev.plumbline.engine.generate.SamplingOptions;
import dev.plumbline.engine.image.ImageDecoder;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.ChatMessage;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.train.Gate;
import dev.plumbline.eval.benchmarks.Figure;
import dev.plumbline.eval.benchmarks.PopeItem;
import dev.plumbline.eval.benchmarks.PopeScorer;
import dev.plumbline.eval.benchmarks.PopeSet;
import dev.plumbline.eval.benchmarks.Question;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Asks the model POPE's questions, through the very path of {@code Generate}, and scores the
 * answers by the official rule. Only an answer's first sentence counts there, so that no more of it
 * is made.
 */
final class PopeGate implements Gate {
    private static final SamplingOptions OPTIONS =
            new SamplingOptions(32, SamplingOptions.Randomness.GREEDY, 1, List.of("."), 0);

    /** Questions under way together; serving has the other slots. */
    private static final int TOGETHER = 8;

    private static final long BUSY_MILLIS = 500;

    private final Generator generator;
    private final List<PopeSet> sets;
    private final List<Question> questions;
    private final Path images;
    private final Progress progress;

    /** Told how many questions are answered. */
    @FunctionalInterface
    interface Progress {
        void answered(String phase, long done, long total);
    }

    PopeGate(Generator generator, List<PopeSet> sets, Path images, Progress progress) {
        this.generator = generator;
        this.sets = sets;
        this.questions =
                sets.stream()
                        .flatMap(set -> set.items().stream())
                        .map(PopeItem::question)
                        .distinct()
                        .toList();
        this.images = images;
        this.progress = progress;
    }

    @Override
    public Map<String, Double> evaluate(LoraAdapter adapter, Cancellation cancellation) {
        Map<Question, String> answers = new HashMap<>();
        try (ExecutorService waiting = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int at = 0; at < questions.size(); at += TOGETHER) {
                int end = Math.min(questions.size(), at + TOGETHER);
                List<Question> part = questions.subList(at, end);
                List<CompletableFuture<String>> asked = new ArrayList<>();
                for (Question question : part) {
                    Prepared prepared = prepare(question, adapter, cancellation);
                    asked.add(CompletableFuture.supplyAsync(() -> answer(prepared), waiting));
                }
                for (int i = 0; i < part.size(); i++) {
                    answers.put(part.get(i), joined(asked.get(i)));
                }
                progress.answered("gate", end, questions.size());
            }
        }
        return figures(answers);
    }

    private Map<String, Double> figures(Map<Question, String> answers) {
        Map<String, Double> figures = new LinkedHashMap<>();
        PopeScorer.score(sets, question -> Objects.requireNonNull(answers.get(question)))
                .figures()
                .forEach((name, figure) -> {
                    if (figure instanceof Figure.Measured(double value)) {
                        figures.put(name, value);
                    }
                });
        return figures;
    }

    private Prepared prepare(Question question, LoraAdapter adapter, Cancellation cancellation) {
        List<ChatMessage> messages =
                List.of(ChatMessage.user(List.of(picture(question.image())), question.text()));
        while (true) {
            try {
                return generator.prepare(messages, Optional.of(adapter), OPTIONS, cancellation);
            } catch (PlumblineException e) {
                if (e.code() != ErrorCode.RESOURCE_EXHAUSTED) {
                    throw e;
                }
                // Clients have filled the queue; a run can wait.
                pause(cancellation);
            }
        }
    }

    private static void pause(Cancellation cancellation) {
        try {
            Thread.sleep(BUSY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cancellation.cancel();
        }
        cancellation.check();
    }

    private Picture picture(String name) {
        Path file = images.resolve(name);
        try {
            return ImageDecoder.decode(Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    static PlumblineException unreadable(Path file, IOException cause) {
        return new PlumblineException(
                        ErrorCode.INVALID_ARGUMENT,
                        "IMAGE_NOT_FOUND",
                        "the picture %s of a question cannot be read: give spec.gate_images the folder of the pictures"
                                .formatted(file),
                        Map.of("field", "spec.gate_images", "file", file.toString()))
                .causedBy(cause);
    }

    private String answer(Prepared prepared) {
        try (prepared) {
            StringBuilder text = new StringBuilder();
            var _ = generator.answer(prepared, piece -> text.append(piece.text()));
            return text.toString();
        }
    }

    private static String joined(CompletableFuture<String> asked) {
        try {
            return asked.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof PlumblineException failure) {
                throw failure;
            }
            throw e;
        }
    }
}
