package dev.plumbline.engine.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.generate.Generator;
import dev.plumbline.engine.generate.SamplingOptions;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.ChatMessage;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.RuntimeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Times vision, prefill, decoding, cancelling and one training step on a LLaVA checkpoint, as
 * docs/benchmarks/rival_transformers.py does for transformers. Prints JSON. Arguments: the
 * checkpoint, repeats, and perhaps {@code generation} or {@code training} to do only that.
 */
final class EngineBenchmark {
    private static final int THREADS = Integer.getInteger("threads", 2);
    private static final int TOKENS = 64;
    private static final String QUESTION = "Describe the picture.";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final LoadedModel model;
    private final Generator generator;
    private final int repeats;
    private int seed;

    private EngineBenchmark(LoadedModel model, int repeats) {
        this.model = model;
        this.generator = new Generator(model);
        this.repeats = repeats;
    }

    public static void main(String[] arguments) throws IOException {
        String only = arguments.length > 2 ? arguments[2] : "";
        int repeats = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
        Path work = Files.createTempDirectory("engine-benchmark");
        ObjectNode report = JSON.createObjectNode().put("threads", THREADS);
        Path natives = Path.of("target", "onnxruntime");
        try (Runtime runtime =
                        Runtime.open(new RuntimeOptions(THREADS, Optional.empty(), natives));
                LoadedModel model = LoadedModel.load(Path.of(arguments[0]), work, runtime)) {
            if (!only.equals("training")) {
                report.set("generation", new EngineBenchmark(model, repeats).generation());
            }
            if (!only.equals("generation")) {
                report.set("training", new TrainingBenchmark(model, work).run(repeats));
            }
        }
        System.out.println(report.toPrettyString());
    }

    private ObjectNode generation() {
        ObjectNode report = JSON.createObjectNode();
        double[] vision = new double[repeats];
        double[] prefill = new double[repeats];
        double[] decode = new double[repeats];
        double[] whole = new double[repeats];
        double[][] cpu = new double[3][repeats];
        for (int i = -1; i < repeats; i++) {
            Picture other = noise(336, seed++);
            long start = System.nanoTime();
            double cpuStart = processSeconds();
            model.features().of(other, Cancellation.none());
            double seen = seconds(start);
            double seenCpu = processSeconds() - cpuStart;
            Answer answer = answer();
            if (i >= 0) {
                cpu[0][i] = seenCpu;
                cpu[1][i] = answer.firstCpu;
                cpu[2][i] = (answer.lastCpu - answer.firstCpu) / (answer.tokens - 1);
                vision[i] = seen;
                prefill[i] = answer.first;
                whole[i] = answer.last;
                decode[i] = (answer.tokens - 1) / (answer.last - answer.first);
            }
        }
        report.set("vision_seconds", summary(vision));
        report.set("prefill_seconds", summary(prefill));
        report.put("prompt_tokens", promptTokens());
        ObjectNode rate = report.putObject("decode_tokens_per_second");
        rate.put("median", median(decode)).put("most", Arrays.stream(decode).max().orElseThrow());
        report.set("generate_seconds", summary(whole));
        ObjectNode used = report.putObject("process_cpu_seconds");
        used.set("vision", summary(cpu[0]));
        used.set("prefill", summary(cpu[1]));
        used.set("decode_token", summary(cpu[2]));
        report.put("first_piece_share", median(prefill) / median(whole));
        report.put("steps_after_cancel", stepsAfterCancel());
        return report;
    }

    /** When the first and the last piece came, in seconds. */
    private static final class Answer {
        private double first;
        private double last;
        private double firstCpu;
        private double lastCpu;
        private int tokens;
    }

    private Answer answer() {
        Answer answer = new Answer();
        List<ChatMessage> question =
                List.of(ChatMessage.user(List.of(noise(336, seed++)), QUESTION));
        double cpuStart = processSeconds();
        long start = System.nanoTime();
        generator.generate(
                question,
                Optional.empty(),
                SamplingOptions.greedy(TOKENS),
                new Cancellation(),
                piece -> {
                    answer.last = seconds(start);
                    answer.lastCpu = processSeconds() - cpuStart;
                    answer.firstCpu = answer.tokens == 0 ? answer.lastCpu : answer.firstCpu;
                    answer.first = answer.tokens == 0 ? answer.last : answer.first;
                    answer.tokens += piece.tokenIds().size();
                });
        return answer;
    }

    private int promptTokens() {
        return model.prompts()
                .encode(List.of(ChatMessage.user(List.of(noise(336, 0)), QUESTION)))
                .ids()
                .size();
    }

    /** Decode steps that began after another thread had cancelled. */
    private long stepsAfterCancel() {
        Cancellation cancellation = new Cancellation();
        long[] atCancel = {-1};
        int[] pieces = {0};
        try {
            generator.generate(
                    List.of(ChatMessage.user(List.of(noise(336, 0)), QUESTION)),
                    Optional.empty(),
                    SamplingOptions.greedy(TOKENS),
                    cancellation,
                    piece -> {
                        if (++pieces[0] == 8) {
                            Thread.ofPlatform()
                                    .start(() -> {
                                        atCancel[0] = generator.decodeSteps();
                                        cancellation.cancel();
                                    });
                        }
                    });
        } catch (PlumblineException e) {
            return generator.decodeSteps() - atCancel[0];
        }
        throw new IllegalStateException("the answer ended before it was cancelled");
    }

    static Picture noise(int size, long seed) {
        byte[] rgb = new byte[size * size * 3];
        new Random(seed).nextBytes(rgb);
        return new Picture(size, size, rgb);
    }

    static ObjectNode summary(double[] seconds) {
        return JSON.createObjectNode()
                .put("median", median(seconds))
                .put("least", Arrays.stream(seconds).min().orElseThrow());
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    /** Used by all threads of this process: what a busy machine distorts least. */
    static double processSeconds() {
        return ((com.sun.management.OperatingSystemMXBean)
                                java.lang.management.ManagementFactory.getOperatingSystemMXBean())
                        .getProcessCpuTime()
                / 1e9;
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
