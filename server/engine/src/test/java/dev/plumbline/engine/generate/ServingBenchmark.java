package dev.plumbline.engine.generate;

import com.sun.management.OperatingSystemMXBean;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.ChatMessage;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Binding;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.RuntimeOptions;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Measures what serving many costs each: {@code fairness}, {@code stall}, {@code prefix}, {@code
 * chunks} or {@code moves}. Arguments: one of them, a checkpoint, and a number: streams for
 * fairness, else tokens of the prompt.
 */
final class ServingBenchmark {
    private static final Random RANDOM = new Random(3);

    private final LoadedModel model;
    private final int number;

    private ServingBenchmark(LoadedModel model, int number) {
        this.model = model;
        this.number = number;
    }

    public static void main(String[] arguments) throws Exception {
        Path natives = Path.of("target", "onnxruntime");
        Path cache = Files.createTempDirectory("serving-benchmark");
        try (Runtime runtime = Runtime.open(new RuntimeOptions(2, Optional.empty(), natives));
                LoadedModel model = LoadedModel.load(Path.of(arguments[1]), cache, runtime)) {
            var benchmark = new ServingBenchmark(model, Integer.parseInt(arguments[2]));
            switch (arguments[0]) {
                case "fairness" -> benchmark.fairness();
                case "stall" -> benchmark.stall();
                case "prefix" -> benchmark.prefix();
                case "chunks" -> benchmark.chunks();
                case "moves" -> benchmark.moves();
                default -> throw new IllegalArgumentException("no measurement " + arguments[0]);
            }
        }
    }

    /** First tokens of streams that all begin at once. */
    private void fairness() throws InterruptedException {
        try (Generator generator = new Generator(model)) {
            for (int round = 0; round < 4; round++) {
                double[] firsts = new double[number];
                long start = System.nanoTime();
                List<Thread> threads = new ArrayList<>();
                for (int i = 0; i < number; i++) {
                    int stream = i;
                    List<ChatMessage> asked = words(60);
                    threads.add(
                            Thread.ofVirtual()
                                    .start(() -> firsts[stream] = answer(generator, asked, 40)[0]));
                }
                for (Thread thread : threads) {
                    thread.join();
                }
                double mean = Arrays.stream(firsts).map(t -> t - start).average().orElse(0);
                double slowest = Arrays.stream(firsts).map(t -> t - start).max().orElse(0);
                print(
                        "first token: mean %.1f ms, slowest %.1f ms, ratio %.2f",
                        mean / 1e6, slowest / 1e6, slowest / mean);
            }
        }
    }

    /** The longest pause of a stream while a long prompt is read beside it. */
    private void stall() throws InterruptedException {
        for (int chunk : new int[] {64, 128, 256, 512, 4096}) {
            try (Generator generator = new Generator(model, limits(chunk))) {
                answer(generator, words(40), 20);
                double[][] times = new double[1][];
                Thread stream =
                        Thread.ofPlatform()
                                .start(() -> times[0] = answer(generator, words(40), 400));
                Thread.sleep(200);
                double from = System.nanoTime();
                double until = answer(generator, words(number), 1)[0];
                stream.join();
                double longest = 0;
                for (int i = 1; i < times[0].length; i++) {
                    if (times[0][i] > from && times[0][i - 1] < until) {
                        longest = Math.max(longest, times[0][i] - times[0][i - 1]);
                    }
                }
                print(
                        "chunk %d: a prompt of %d read in %.0f ms, longest pause beside it %.0f ms",
                        chunk, number, (until - from) / 1e6, longest / 1e6);
            }
        }
    }

    /** First token of a second question about a picture, with and without what is kept. */
    private void prefix() {
        for (boolean kept : new boolean[] {false, true}) {
            ServingLimits usual = ServingLimits.defaults(model.facts());
            ServingLimits limits =
                    new ServingLimits(16, usual.kvBytes(), kept ? usual.prefixBytes() : 0, 256, 64);
            try (Generator generator = new Generator(model, limits)) {
                for (int round = 0; round < 4; round++) {
                    Picture picture = noise();
                    double[] took = new double[2];
                    for (int i = 0; i < 2; i++) {
                        List<ChatMessage> asked =
                                List.of(ChatMessage.user(List.of(picture), text(8)));
                        double start = System.nanoTime();
                        took[i] = answer(generator, asked, 1)[0] - start;
                    }
                    print(
                            "prefixes kept: %s, first question %.1f ms, second %.1f ms",
                            kept, took[0] / 1e6, took[1] / 1e6);
                }
                print("%s", generator.prefixes());
            }
        }
    }

    /** How fast a prompt is read in parts. */
    private void chunks() {
        for (int round = 0; round < 2; round++) {
            for (int chunk : new int[] {64, 128, 256, 512, 4096}) {
                try (Generator generator = new Generator(model, limits(chunk))) {
                    answer(generator, words(number), 1);
                    List<ChatMessage> asked = words(number);
                    int tokens = model.prompts().encode(asked).ids().size();
                    double start = System.nanoTime();
                    double cpu = cpu();
                    double took = answer(generator, asked, 1)[0] - start;
                    print(
                            "chunk %d: %d tokens, %.0f a second, %.0f a second of processor time",
                            chunk, tokens, tokens * 1e9 / took, tokens * 1e9 / (cpu() - cpu));
                }
            }
        }
    }

    /** What the scheduler itself does to memory. */
    private void moves() {
        KeyValueBuffer small = new KeyValueBuffer(model.facts(), 16, number);
        KeyValueBuffer large = new KeyValueBuffer(model.facts(), 16, 2 * number);
        try (PrefixCache prefixes = new PrefixCache(model.facts(), 1L << 30);
                Binding binding = model.sessions().decoder(Set.of()).bind()) {
            TokenKeys keys =
                    new TokenKeys(
                            IntStream.range(0, number).boxed().toList(),
                            IntStream.range(0, number).mapToObj(i -> "").toList());
            for (int round = 0; round < 12; round++) {
                int rows = 1 + round;
                time("bind 1 row", () -> small.bind(binding, rows, rows + 1));
                time("bind 8 rows", () -> small.bind(binding, 0, 8));
                time("move a row of " + number, () -> small.move(1, 2, number));
                time("copy a row on growth", () -> large.copyRow(small, 1, 1, number));
                String key = "round " + round;
                time("keep a prompt", () -> prefixes.store(key, keys, small, 1));
                time("restore it", () -> prefixes.restore(key, keys, number, small, 3));
                time("give a row back", () -> small.discard(3));
            }
        }
        small.close();
        large.close();
    }

    private static void time(String what, Runnable work) {
        long start = System.nanoTime();
        work.run();
        print("%s: %.3f ms", what, (System.nanoTime() - start) / 1e6);
    }

    private ServingLimits limits(int chunk) {
        ServingLimits usual = ServingLimits.defaults(model.facts());
        return new ServingLimits(16, usual.kvBytes(), 0, chunk, 64);
    }

    /** Of the whole process, in nanoseconds. */
    private static double cpu() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }

    /** When each token came. */
    private static double[] answer(Generator generator, List<ChatMessage> asked, int tokens) {
        List<Double> times = new ArrayList<>();
        generator.generate(
                asked,
                Optional.empty(),
                SamplingOptions.greedy(tokens),
                new Cancellation(),
                piece -> times.add((double) System.nanoTime()));
        return times.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** A prompt of about so many tokens. */
    private List<ChatMessage> words(int tokens) {
        String text = text(4 * tokens);
        int[] ids = model.tokenizer().encode(text);
        int few = Math.min(ids.length, Math.max(1, tokens - 30));
        String cut = model.tokenizer().decode(Arrays.stream(ids).limit(few).boxed().toList(), true);
        return List.of(ChatMessage.user(List.of(), cut));
    }

    private static String text(int words) {
        return RANDOM.ints(words, 0, 26 * 26)
                .mapToObj(i -> "" + (char) ('a' + i / 26) + (char) ('a' + i % 26))
                .collect(Collectors.joining(" "));
    }

    private static Picture noise() {
        byte[] rgb = new byte[64 * 64 * 3];
        RANDOM.nextBytes(rgb);
        return new Picture(64, 64, rgb);
    }

    private static void print(String format, Object... values) {
        System.out.println(format.formatted(values));
    }
}
