package dev.plumbline.plugins.sae;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.expr.EngineCompute;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.RuntimeOptions;
import dev.plumbline.engine.select.BareWorkshop;
import dev.plumbline.engine.select.TensorPool;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.MappedFile;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.plugins.sae.SaeScorer.Scored;
import dev.plumbline.spi.Array;
import dev.plumbline.spi.Candidates;
import dev.plumbline.spi.Compute.Program;
import dev.plumbline.spi.Compute.Variables;
import dev.plumbline.spi.Expression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * How long the selector takes to score a pool for one prompt, and the written-out form for a share
 * of it; docs/benchmarks/identity.py runs it beside torch. Arguments: the pool's file of unit
 * vectors, their dimension, latents, threads, repeats, candidates for the written-out form.
 */
final class IdentityBenchmark {
    private static final int BATCH = 256;

    private IdentityBenchmark() {}

    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]);
        int dimension = Integer.parseInt(arguments[1]);
        int latents = Integer.parseInt(arguments[2]);
        int threads = Integer.parseInt(arguments[3]);
        int repeats = Integer.parseInt(arguments[4]);
        int share = Integer.parseInt(arguments[5]);
        MappedFile mapped = MappedFile.open(file);
        int count = (int) (mapped.size() / Float.BYTES / dimension);
        Tensor vectors = mapped.tensor(DType.F32, Shape.of(count, dimension), 0);
        ObjectNode report = new ObjectMapper().createObjectNode();
        report.put("candidates", count);
        Path natives = Path.of("target", "onnxruntime");
        try (Runtime runtime =
                Runtime.open(new RuntimeOptions(threads, Optional.empty(), natives))) {
            EngineCompute compute = new EngineCompute(runtime, DType.F32);
            Candidates pool =
                    new BareWorkshop(
                                    new TensorPool(vectors),
                                    new float[0][],
                                    new float[0][],
                                    compute,
                                    0)
                            .pool();
            SplittableRandom random = new SplittableRandom(1);
            Autoencoder autoencoder = autoencoder(random, latents, dimension);
            float[] own = SaeScorerTest.unit(random, dimension);
            float[] text = SaeScorerTest.unit(random, dimension);
            fast(report, autoencoder, own, text, pool, compute, repeats);
            report.put("fast_peak_bytes", peakBytes());
            printed(report, autoencoder, own, text, vectors, compute, share);
        }
        report.put("peak_bytes", peakBytes());
        System.out.println(report.toPrettyString());
    }

    private static long peakBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                .sum();
    }

    private static void fast(
            ObjectNode report,
            Autoencoder autoencoder,
            float[] own,
            float[] text,
            Candidates pool,
            EngineCompute compute,
            int repeats) {
        try (SaeScorer scorer =
                new SaeScorer(autoencoder, new Activation(Activation.Kind.KL, 1), compute)) {
            for (int i = 0; i <= repeats; i++) {
                long start = System.nanoTime();
                Scored scored = scorer.score(own, text, pool);
                long scoredAt = System.nanoTime();
                double[] scores = scored.scores();
                List<?> chosen = new Greedy(scored, scores, 1).choose(3);
                long end = System.nanoTime();
                if (i > 0) {
                    report.withArray("/fast_seconds").add((scoredAt - start) / 1e9);
                    report.withArray("/choosing_seconds").add((end - scoredAt) / 1e9);
                }
                report.put("chosen", chosen.size());
            }
        }
    }

    /** {@code d} of every pair whole, a batch at a time. */
    private static void printed(
            ObjectNode report,
            Autoencoder autoencoder,
            float[] own,
            float[] text,
            Tensor vectors,
            EngineCompute compute,
            int share) {
        int dimension = own.length;
        int size = dimension * text.length;
        int latents = autoencoder.latents();
        Map<String, Array> constants =
                Map.of(
                        "encoder", Array.of(autoencoder.encoder().floats(), latents, size),
                        "decoder", Array.of(autoencoder.decoder().floats(), latents, size),
                        "bias", autoencoder.encoderBias(),
                        "offset", Array.of(autoencoder.decoderBias().floats(), size),
                        "text", Array.of(text, 1, 1, text.length),
                        "own", Array.of(own, 1, dimension));
        try (Program program = compute.compile(constants, v -> printed(v, dimension, size))) {
            long start = 0;
            for (int from = 0; from < share + BATCH; from += BATCH) {
                if (from == BATCH) {
                    start = System.nanoTime(); // The first batch warms up.
                }
                int at = Math.max(0, from - BATCH);
                float[] batch = vectors.slice(at, at + (long) BATCH).toFloats();
                program.run(Map.of("candidates", Array.of(batch, BATCH, dimension)));
            }
            report.put("printed_seconds", (System.nanoTime() - start) / 1e9);
            report.put("printed_candidates", share);
        }
    }

    private static Map<String, Expression> printed(Variables v, int dimension, int size) {
        Expression d =
                v.get("own")
                        .minus(v.input("candidates", BATCH, dimension))
                        .reshaped(BATCH, dimension, 1)
                        .times(v.get("text"))
                        .reshaped(BATCH, size);
        Expression z = d.matmul(v.get("encoder").transposed(1, 0)).plus(v.get("bias")).sigmoid();
        Expression rest = d.minus(z.matmul(v.get("decoder"))).minus(v.get("offset"));
        return Map.of("errors", rest.times(rest).sum(1), "activations", z.sum(1));
    }

    private static Autoencoder autoencoder(SplittableRandom random, int latents, int dimension) {
        int size = dimension * dimension;
        return new Autoencoder(
                Array.of(numbers(random, latents * size, 1f), latents, dimension, dimension),
                Array.of(numbers(random, latents, 1f), latents),
                Array.of(numbers(random, latents * size, 0.002f), latents, dimension, dimension),
                Array.of(numbers(random, size, 0.001f), dimension, dimension),
                Array.of(numbers(random, size, 0.001f), dimension, dimension));
    }

    private static float[] numbers(SplittableRandom random, int count, float size) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = size * (2 * random.nextFloat() - 1);
        }
        return values;
    }
}
