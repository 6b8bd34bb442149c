package dev.plumbline.engine.runtime;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Proves at start-up that the slots are those of the library: a small graph is loaded, run in every
 * way that we run graphs, stopped, and its answers compared with what they must be.
 */
final class SelfTest {
    private static final float[] EXPECTED = {-8f, -54f};
    private static final Tensor X = Tensor.of(Shape.of(2), 1f, 2f);
    private static final Tensor Z = Tensor.of(Shape.of(2), 4f, 3f);

    private SelfTest() {}

    /**
     * @throws PlumblineException {@code ONNX_RUNTIME_UNUSABLE} if anything is not as it must be
     */
    static void check(Runtime runtime, Path library) {
        try (Weights weights = runtime.weights(Map.of("w", Tensor.of(Shape.of(2), 3f, 20f)))) {
            refuses(runtime, weights);
            for (Packing packing : Packing.values()) {
                byte[] model = SelfTestModel.bytes();
                try (Session session = runtime.session(model, weights, Device.CPU, packing)) {
                    expect("inputs", List.of("x", "z"), session.inputs());
                    expect("outputs", List.of("y"), session.outputs());
                    runs(session);
                    runsBound(session);
                    stops(session);
                }
            }
        } catch (PlumblineException | IllegalStateException e) {
            throw OrtTable.unusable(library, "its self-test failed: " + e.getMessage()).causedBy(e);
        }
    }

    private static void refuses(Runtime runtime, Weights weights) {
        String message =
                failure(() -> runtime.session(new byte[] {1, 2, 3}, weights, Device.CPU).close());
        expect(
                "an error about protobuf",
                true,
                message.toLowerCase(Locale.ROOT).contains("protobuf"));
    }

    private static void runs(Session session) {
        try (Results results =
                session.run(Map.of("x", X, "z", Z), List.of("y"), Cancellation.none())) {
            expectResult(results.get("y"));
        }
    }

    private static void runsBound(Session session) {
        Tensor y = Tensor.of(Shape.of(2), 0f, 0f);
        try (Binding binding = session.bind()) {
            binding.input("x", X).input("z", Z).output("y", y).run(Cancellation.none());
            expectResult(y);
            binding.output("y").run(new Cancellation());
            expectResult(binding.get("y"));
        }
    }

    private static void stops(Session session) {
        try (Binding binding = session.bind();
                RunOptions options = new RunOptions(session.environment().api())) {
            binding.input("x", X).input("z", Z).output("y");
            options.terminate();
            String message = failure(() -> binding.run(options.pointer()));
            expect("an error about the stop", true, message.contains("terminate"));
        }
    }

    private static String failure(Runnable task) {
        try {
            task.run();
        } catch (PlumblineException e) {
            return Objects.requireNonNull(e.getMessage());
        }
        throw new IllegalStateException("there was no error where there must be one");
    }

    private static void expectResult(Tensor tensor) {
        expect("shape", X.shape(), tensor.shape());
        expect("result", Arrays.toString(EXPECTED), Arrays.toString(tensor.toFloats()));
    }

    private static void expect(String what, Object expected, Object actual) {
        if (!expected.equals(actual)) {
            throw new IllegalStateException(
                    "%s should be %s and is %s".formatted(what, expected, actual));
        }
    }
}
