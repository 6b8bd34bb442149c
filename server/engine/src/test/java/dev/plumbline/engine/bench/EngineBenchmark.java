package dev.plumbline.engine.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.bench.Figures.Moment;
import dev.plumbline.engine.checkpoint.LoadProgress;
import dev.plumbline.engine.generate.Generator;
import dev.plumbline.engine.model.LoadOptions;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.RuntimeOptions;
import dev.plumbline.engine.tensor.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Measures one thing about the engine, as docs/benchmarks/benchmarks.py asks it to, and prints
 * JSON: {@code load}, {@code decode}, {@code prefill}, {@code vision}, {@code picture}, {@code
 * batch}, {@code questions}, {@code train-step}, {@code train-run} or {@code bandwidth}. Arguments:
 * {@link BenchmarkOptions}.
 */
final class EngineBenchmark {
    private EngineBenchmark() {}

    public static void main(String[] arguments) throws IOException {
        BenchmarkOptions options = BenchmarkOptions.parse(arguments);
        int threads = options.number("threads");
        ObjectNode report = new ObjectMapper().createObjectNode();
        report.put("table", options.table()).put("threads", threads);
        if (options.table().equals("bandwidth")) {
            report.put("bandwidth", ReadBandwidth.measure(threads));
        } else {
            measure(options, report);
        }
        System.out.println(report.toPrettyString());
    }

    private static void measure(BenchmarkOptions options, ObjectNode report) throws IOException {
        Path natives = Path.of("target", "onnxruntime");
        Path work = Files.createTempDirectory("engine-benchmark");
        Files.createDirectories(options.cache());
        RuntimeOptions runtimeOptions =
                new RuntimeOptions(options.number("threads"), Optional.empty(), natives);
        try (ProcessMemory memory = ProcessMemory.watching();
                Runtime runtime = Runtime.open(runtimeOptions)) {
            memory.describe(report.withObject("/memory_before"));
            Moment start = Moment.now();
            try (LoadedModel model = load(options, runtime)) {
                report.put("load_seconds", start.secondsTo(Moment.now()));
                describe(model, report);
                Figures figures = new Figures(report);
                switch (options.table()) {
                    case "train-step" -> new TrainingBenchmark(model, work, options, figures).run();
                    case "train-run" ->
                            new TrainingRunBenchmark(model, work, options, figures).run();
                    default -> {
                        try (Generator generator = new Generator(model)) {
                            new GenerationBenchmark(model, generator, options, figures).run();
                        }
                    }
                }
                memory.describe(report.withObject("/memory"));
            }
        }
    }

    private static LoadedModel load(BenchmarkOptions options, Runtime runtime) {
        LoadOptions how =
                new LoadOptions(
                        Precision.parse(options.precision()),
                        options.number("context"),
                        LoadProgress.NONE);
        return LoadedModel.load(options.model(), options.cache(), runtime, how);
    }

    private static void describe(LoadedModel model, ObjectNode report) {
        long linear =
                model.linearModules().values().stream().mapToLong(shape -> shape.elements()).sum();
        long head = (long) model.facts().vocabSize() * model.facts().hiddenSize();
        // The head is kept in eight bits at least.
        int headBits = Math.max(8, model.precision().bits());
        report.put("parameters", model.parameters())
                .put("weight_bytes", model.weightBytes())
                .put(
                        "decode_bytes",
                        linear * bytes(model.precision().bits()) + head * bytes(headBits));
    }

    /** Of one weight, its share of the scale of its block included. */
    private static double bytes(int bits) {
        return bits == Float.SIZE ? Float.BYTES : bits / 8.0 + Float.BYTES / 32.0;
    }
}
