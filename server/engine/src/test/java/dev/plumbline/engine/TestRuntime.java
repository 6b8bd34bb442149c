package dev.plumbline.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.onnx.OnnxWriter;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Device;
import dev.plumbline.engine.runtime.Results;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.RuntimeOptions;
import dev.plumbline.engine.runtime.Session;
import dev.plumbline.engine.runtime.Weights;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** ONNX Runtime for a test class; closing it fails where something was not released. */
public final class TestRuntime implements AutoCloseable {
    private final Runtime runtime =
            Runtime.open(new RuntimeOptions(2, Optional.empty(), Path.of("target", "onnxruntime")));

    public Runtime runtime() {
        return runtime;
    }

    /** Loads a graph that has no weights. */
    public Session session(Graph graph) {
        try (Weights none = runtime.weights(Map.of())) {
            return runtime.session(OnnxWriter.write(graph), none, Device.CPU);
        }
    }

    /** All outputs of a session, in memory of their own. */
    public static Map<String, Tensor> run(Session session, Map<String, Tensor> inputs) {
        List<String> names = session.outputs();
        try (Results results = session.run(inputs, names, Cancellation.none())) {
            Map<String, Tensor> outputs = new LinkedHashMap<>();
            names.forEach(name -> outputs.put(name, results.copy(name)));
            return outputs;
        }
    }

    /** Loads a graph that has no weights, and runs it once. */
    public Map<String, Tensor> run(Graph graph, Map<String, Tensor> inputs) {
        try (Session session = session(graph)) {
            return run(session, inputs);
        }
    }

    @Override
    public void close() {
        runtime.close();
        assertThat(runtime.liveHandles()).as("live handles").isZero();
    }
}
