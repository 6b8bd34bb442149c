package dev.plumbline.engine.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.QuantizedOps;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.onnx.OnnxWriter;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Packed weights: one copy for all sessions, which goes with the last of them. */
class PackingTest extends RuntimeHarness {
    private static final int ROWS = 4096;
    private static final int BLOCKS = 512;

    @Test
    void sessionsShareThePackedWeights() throws IOException {
        Weights weights = runtime.weights(matrix());
        byte[] model = OnnxWriter.write(product());
        long before = anonymousBytes();
        try (Session first = runtime.session(model, weights, Device.CPU, Packing.SHARED)) {
            long one = anonymousBytes() - before;
            assertThat(one).isGreaterThan(ROWS * BLOCKS * 32L / 2);
            try (Session second = runtime.session(model, weights, Device.CPU, Packing.SHARED)) {
                // The sessions keep what they use.
                weights.close();
                assertThat(anonymousBytes() - before).isLessThan(one + one / 2);
                assertThat(run(first)).isEqualTo(run(second)).isEqualTo(3 * 2 * 32 * BLOCKS);
            }
            assertThat(run(first)).isEqualTo(3 * 2 * 32 * BLOCKS);
        }
    }

    private static float run(Session session) {
        Tensor x = Tensor.zeros(DType.F32, Shape.of(1, BLOCKS * 32));
        float[] ones = new float[BLOCKS * 32];
        Arrays.fill(ones, 1);
        x.copyFrom(ones);
        try (Results results = session.run(Map.of("x", x), List.of("y"), Cancellation.none())) {
            return results.get("y").getFloat(ROWS - 1);
        }
    }

    private static Graph product() {
        GraphBuilder builder = new GraphBuilder("product");
        Value x = builder.input("x", DType.F32, Dim.shape("N", BLOCKS * 32));
        Value blocks = builder.weight("w", DType.U8, Shape.of(ROWS, BLOCKS, 32));
        Value scales = builder.weight("scales", DType.F32, Shape.of(ROWS, BLOCKS));
        builder.output(QuantizedOps.product(x, blocks, scales, 8, "y"));
        return builder.build();
    }

    /** 64 MiB that all stand for 3 steps of 2. */
    private static Map<String, Tensor> matrix() {
        Tensor blocks = Tensor.zeros(DType.U8, Shape.of(ROWS, BLOCKS, 32));
        blocks.segment().fill((byte) 131);
        Tensor scales = Tensor.zeros(DType.F32, Shape.of(ROWS, BLOCKS));
        for (long i = 0; i < scales.shape().elements(); i++) {
            scales.setFloat(i, 2);
        }
        return Map.of("w", blocks, "scales", scales);
    }

    private static long anonymousBytes() throws IOException {
        String line =
                Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .filter(text -> text.startsWith("RssAnon:"))
                        .findFirst()
                        .orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
    }
}
