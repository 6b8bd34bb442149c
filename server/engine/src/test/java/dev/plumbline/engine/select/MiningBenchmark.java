package dev.plumbline.engine.select;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceRows;
import dev.plumbline.engine.expr.EngineCompute;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.RuntimeOptions;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.plugins.random.RandomSelector;
import dev.plumbline.plugins.sae.SaeSelector;
import dev.plumbline.plugins.similarity.SimilaritySelector;
import dev.plumbline.spi.NegativeSelector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Rows a second of mining, guard included, against a pool of random unit vectors: arguments are
 * candidates, dimension, rows and threads. Rows are the demo's, again and again; their vectors are
 * random too, and cost nothing. The autoencoder is fitted for two steps: how well it is changes no
 * time.
 */
final class MiningBenchmark {
    private static final Path DEMO = Path.of("../../eval-harness/demo/data");

    private MiningBenchmark() {}

    public static void main(String[] arguments) throws IOException {
        int candidates = Integer.parseInt(arguments[0]);
        int dimension = Integer.parseInt(arguments[1]);
        int count = Integer.parseInt(arguments[2]);
        int threads = Integer.parseInt(arguments[3]);
        ObjectNode report = new ObjectMapper().createObjectNode();
        Path work = Files.createTempDirectory("mining-benchmark");
        List<PreferenceExample> some =
                PreferenceRows.read(DEMO.resolve("preferences.jsonl").toRealPath());
        List<PreferenceExample> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(some.get(i % some.size()));
        }
        var options =
                new RuntimeOptions(threads, Optional.empty(), Path.of("target", "onnxruntime"));
        try (Runtime runtime = Runtime.open(options)) {
            var source =
                    new MiningSetup.Source(
                            new TensorPool(vectors(candidates, dimension)),
                            Optional.of(new RandomEmbedder(dimension)),
                            new EngineCompute(runtime, DType.F32));
            mine(report, source, rows, work, new RandomSelector(), Map.of());
            mine(report, source, rows, work, new SimilaritySelector(), Map.of());
            mine(report, source, rows, work, new SaeSelector(), Map.of("steps", "2"));
        }
        report.put("peak_bytes", peakBytes());
        System.out.println(report.toPrettyString());
    }

    private static void mine(
            ObjectNode report,
            MiningSetup.Source source,
            List<PreferenceExample> rows,
            Path work,
            NegativeSelector selector,
            Map<String, String> options) {
        var setup =
                new MiningSetup(
                        new MiningSetup.Strategy(selector, "1", options),
                        source,
                        3,
                        Guard.DEFAULT,
                        new MiningSetup.Folders(work, work),
                        MiningListener.NONE);
        try (Miner miner = Miner.open(setup, rows, 0)) {
            long start = System.nanoTime();
            for (int i = 0; i < rows.size(); i++) {
                if (miner.mine(i).negatives().size() != 3) {
                    throw new IllegalStateException("row " + i);
                }
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            report.put(selector.name() + "_rows_per_second", rows.size() / seconds);
        }
    }

    private static Tensor vectors(int count, int dimension) {
        Tensor tensor = Tensor.zeros(DType.F32, Shape.of(count, dimension));
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < count; i++) {
            tensor.write((long) i * dimension, unit(random, dimension));
        }
        return tensor;
    }

    private static float[] unit(SplittableRandom random, int dimension) {
        float[] vector = new float[dimension];
        double length = 0;
        for (int i = 0; i < dimension; i++) {
            vector[i] = (float) random.nextGaussian();
            length += vector[i] * vector[i];
        }
        for (int i = 0; i < dimension; i++) {
            vector[i] /= (float) Math.sqrt(length);
        }
        return vector;
    }

    private static long peakBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                .sum();
    }

    /** Vectors that follow from nothing but what a picture or text is. */
    private record RandomEmbedder(int dimension) implements Embedder {
        @Override
        public String digest() {
            return "random";
        }

        @Override
        public float[][] images(List<Picture> pictures, Cancellation cancellation) {
            return pictures.stream()
                    .map(picture ->
                            unit(new SplittableRandom(Arrays.hashCode(picture.rgb())), dimension))
                    .toArray(float[][]::new);
        }

        @Override
        public float[][] texts(List<String> texts, Cancellation cancellation) {
            return texts.stream()
                    .map(text -> unit(new SplittableRandom(text.hashCode()), dimension))
                    .toArray(float[][]::new);
        }
    }
}
