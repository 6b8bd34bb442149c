package dev.plumbline.engine.bench;

import dev.plumbline.engine.bench.Figures.Moment;
import dev.plumbline.engine.bench.Streams.Timeline;
import dev.plumbline.engine.generate.Generator;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.ChatMessage;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Times what serving does. */
final class GenerationBenchmark {
    private static final int WARM_TOKENS = 12;

    private final LoadedModel model;
    private final BenchmarkOptions options;
    private final Figures figures;
    private final Workload workload;
    private final Streams streams;
    private int tokens;

    GenerationBenchmark(
            LoadedModel model, Generator generator, BenchmarkOptions options, Figures figures) {
        this.model = model;
        this.options = options;
        this.figures = figures;
        this.workload = new Workload(model);
        this.streams = new Streams(generator);
    }

    void run() {
        switch (options.table()) {
            case "load" -> load();
            case "decode" -> decode();
            case "prefill" -> prefill();
            case "vision" -> vision();
            case "picture" -> picture();
            case "batch" -> batch();
            case "questions" -> questions();
            default -> throw new IllegalArgumentException("no table " + options.table());
        }
    }

    /** The first answer makes the session; a second one shows what the first one cost. */
    private void load() {
        for (String name : List.of("first answer, one token", "second answer, one token")) {
            Timeline line = streams.answer(workload.text(options.number("prompt")), 1);
            figures.add(name, line.asked(), line.last(), 1);
        }
    }

    private void decode() {
        note("prompt_tokens", workload.tokens(workload.text(options.number("prompt"))));
        if (options.number("bandwidth") > 0) {
            figures.report().put("bandwidth_before", bandwidth());
        }
        repeat(() -> {
            Timeline line = streams.answer(workload.text(options.number("prompt")), tokens);
            return () -> decoded("decode, a token", line);
        });
        if (options.number("bandwidth") > 0) {
            figures.report().put("bandwidth_after", bandwidth());
        }
    }

    private void prefill() {
        int prompt = options.number("prompt");
        note("prompt_tokens", workload.tokens(workload.text(prompt)));
        repeat(() -> {
            Timeline line = streams.answer(workload.text(prompt), 1);
            return () -> figures.add("prefill, a prompt", line.asked(), line.first(), 1);
        });
    }

    private void vision() {
        repeat(() -> {
            Picture picture = workload.picture(options.number("side"));
            Moment start = Moment.now();
            model.features().of(picture, Cancellation.none());
            Moment end = Moment.now();
            return () -> figures.add("vision, a picture", start, end, 1);
        });
    }

    /** A question about a new picture. */
    private void picture() {
        note("prompt_tokens", workload.tokens(workload.about(workload.picture(side()))));
        repeat(() -> {
            Timeline line = streams.answer(workload.about(workload.picture(side())), tokens);
            return () -> {
                figures.add("first token, a new picture", line.asked(), line.first(), 1);
                decoded("decode after it, a token", line);
            };
        });
    }

    private void batch() {
        note("prompt_tokens", workload.tokens(workload.text(options.number("prompt"))));
        int batch = options.number("batch");
        repeat(() -> {
            Runnable alone = batchOf(1);
            Runnable together = batchOf(batch);
            return () -> {
                alone.run();
                together.run();
            };
        });
    }

    /**
     * Tokens that came while all streams were decoding: after the last first, to the first last.
     */
    private Runnable batchOf(int streamCount) {
        List<List<ChatMessage>> questions = new ArrayList<>();
        for (int i = 0; i < streamCount; i++) {
            questions.add(workload.text(options.number("prompt")));
        }
        List<Timeline> lines = streams.answers(questions, tokens);
        Moment from = lines.getFirst().first();
        Moment to = lines.getFirst().last();
        Moment asked = lines.getFirst().asked();
        Moment end = to;
        for (Timeline line : lines) {
            from = line.first().nanos() > from.nanos() ? line.first() : from;
            to = line.last().nanos() < to.nanos() ? line.last() : to;
            asked = line.asked().nanos() < asked.nanos() ? line.asked() : asked;
            end = line.last().nanos() > end.nanos() ? line.last() : end;
        }
        Moment first = from;
        Moment last = to;
        Moment start = asked;
        Moment finish = end;
        long during =
                lines.stream()
                        .flatMap(line -> line.tokens().stream())
                        .filter(m -> m.nanos() > first.nanos() && m.nanos() <= last.nanos())
                        .count();
        long all = lines.stream().mapToLong(line -> line.tokens().size()).sum();
        return () -> {
            if (during > 0) { // none where the first stream ended before the last began
                figures.add(
                        "decode, a token, %d at once".formatted(streamCount), first, last, during);
            }
            figures.add(
                    "whole answers, a token, %d at once".formatted(streamCount),
                    start,
                    finish,
                    all);
        };
    }

    /** Several questions about one new picture, asked at once. */
    private void questions() {
        note("prompt_tokens", workload.tokens(workload.about(workload.picture(side()))));
        int count = options.number("questions");
        repeat(() -> {
            Picture picture = workload.picture(side());
            List<List<ChatMessage>> questions = new ArrayList<>();
            for (int question = 0; question < count; question++) {
                questions.add(workload.about(picture));
            }
            Moment start = Moment.now();
            streams.answers(questions, tokens);
            Moment end = Moment.now();
            return () -> figures.add("%d answers about a picture".formatted(count), start, end, 1);
        });
    }

    /** Measures once, with short answers, to warm up; then so many times, which are noted. */
    private void repeat(Supplier<Runnable> measurement) {
        tokens = Math.min(options.number("tokens"), WARM_TOKENS);
        var _ = measurement.get();
        tokens = options.number("tokens");
        for (int i = 0; i < options.number("repeats"); i++) {
            measurement.get().run();
        }
    }

    private void decoded(String name, Timeline line) {
        figures.add(name, line.first(), line.last(), line.tokens().size() - 1.0);
    }

    private void note(String name, int value) {
        figures.report().put(name, value);
    }

    private int side() {
        return options.number("side");
    }

    private double bandwidth() {
        return ReadBandwidth.measure(options.number("threads"));
    }
}
