package dev.plumbline.engine.bench;

import dev.plumbline.engine.bench.Figures.Moment;
import dev.plumbline.engine.generate.Generator;
import dev.plumbline.engine.generate.SamplingOptions;
import dev.plumbline.engine.model.ChatMessage;
import dev.plumbline.engine.runtime.Cancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Greedy answers, one or several at once, and when each of their tokens came. */
final class Streams {
    private final Generator generator;

    Streams(Generator generator) {
        this.generator = generator;
    }

    /** An answer's moments: when it was asked for, then one a token. */
    record Timeline(Moment asked, List<Moment> tokens) {
        Moment first() {
            return tokens.getFirst();
        }

        Moment last() {
            return tokens.getLast();
        }
    }

    Timeline answer(List<ChatMessage> question, int tokens) {
        Moment asked = Moment.now();
        List<Moment> moments = new ArrayList<>();
        generator.generate(
                question,
                Optional.empty(),
                SamplingOptions.greedy(tokens),
                new Cancellation(),
                piece -> {
                    if (!piece.tokenIds().isEmpty()) {
                        moments.add(Moment.now());
                    }
                });
        return new Timeline(asked, moments);
    }

    /** Answers to all questions, asked at once, each from a thread of its own. */
    List<Timeline> answers(List<List<ChatMessage>> questions, int tokens) {
        Timeline[] timelines = new Timeline[questions.size()];
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            int number = i;
            threads.add(
                    Thread.ofPlatform()
                            .start(() ->
                                    timelines[number] = answer(questions.get(number), tokens)));
        }
        threads.forEach(ReadBandwidth::join);
        return List.of(timelines);
    }
}
