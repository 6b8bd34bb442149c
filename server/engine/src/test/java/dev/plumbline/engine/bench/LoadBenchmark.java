package dev.plumbline.engine.bench;

import dev.plumbline.engine.checkpoint.LoadProgress;
import dev.plumbline.engine.generate.Generator;
import dev.plumbline.engine.generate.SamplingOptions;
import dev.plumbline.engine.model.ChatMessage;
import dev.plumbline.engine.model.LoadOptions;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.RuntimeOptions;
import dev.plumbline.engine.tensor.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How long a folder takes to load, the first time and after that, and what it leaves in memory:
 * {@code LoadBenchmark FOLDER PRECISION [CACHE]}.
 */
public final class LoadBenchmark {
    private final Map<LoadProgress.Stage, long[]> spans = new EnumMap<>(LoadProgress.Stage.class);

    private LoadBenchmark() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        Precision precision = Precision.parse(arguments[1]);
        Path cache =
                arguments.length > 2
                        ? Path.of(arguments[2])
                        : Files.createTempDirectory("load-benchmark");
        int threads = java.lang.Runtime.getRuntime().availableProcessors();
        try (Runtime runtime = Runtime.open(new RuntimeOptions(threads, Optional.empty(), cache))) {
            for (String which : List.of("first", "second", "third", "fourth", "fifth", "sixth")) {
                new LoadBenchmark().load(folder, precision, cache, runtime, which);
                tell("  unloaded");
            }
        }
    }

    private void load(Path folder, Precision precision, Path cache, Runtime runtime, String which)
            throws IOException {
        long start = System.nanoTime();
        long work = cpuNanos();
        LoadOptions options = LoadOptions.of(precision).heardBy(this::heard);
        try (LoadedModel model = LoadedModel.load(folder, cache, runtime, options)) {
            System.out.printf(
                    "%s load in %s: %.2f s, %.2f s of processor time, %d bytes of weights%n",
                    which,
                    precision,
                    (System.nanoTime() - start) / 1e9,
                    (cpuNanos() - work) / 1e9,
                    model.weightBytes());
            tell("  loaded");
            String answer = ask(model);
            tell("  asked (" + answer.length() + " letters)");
            System.out.println("  estimated: " + model.memory().parts());
        }
        spans.forEach((stage, span) ->
                System.out.printf(
                        "  %s: %.2f s, %.0f MB/s%n",
                        stage,
                        (span[1] - span[0]) / 1e9,
                        span[2] * 1e3 / Math.max(1, span[1] - span[0])));
    }

    private synchronized void heard(LoadProgress.Stage stage, long done, long total) {
        long now = System.nanoTime();
        long[] span = spans.computeIfAbsent(stage, key -> new long[] {now, now, 0});
        span[1] = now;
        span[2] = Math.max(span[2], done);
    }

    private static String ask(LoadedModel model) {
        StringBuilder text = new StringBuilder();
        new Generator(model)
                .generate(
                        List.of(ChatMessage.user(List.of(), "What is there? ".repeat(10))),
                        Optional.empty(),
                        SamplingOptions.greedy(8),
                        Cancellation.none(),
                        piece -> text.append(piece.text()));
        return text.toString();
    }

    private static void tell(String what) throws IOException {
        System.gc();
        pause();
        System.out.println(
                what
                        + ": "
                        + Files.readAllLines(Path.of("/proc/self/status")).stream()
                                .filter(line -> line.matches("Rss(Anon|File).*"))
                                .toList());
    }

    /** Cleaners run a little later than the collector. */
    private static void pause() {
        try {
            Thread.sleep(500);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long cpuNanos() {
        return java.lang.management.ManagementFactory.getPlatformMXBean(
                        com.sun.management.OperatingSystemMXBean.class)
                .getProcessCpuTime();
    }
}
