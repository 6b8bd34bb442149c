package dev.plumbline.engine.expr;

import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.onnx.OnnxWriter;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Device;
import dev.plumbline.engine.runtime.Results;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.Session;
import dev.plumbline.engine.runtime.Weights;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.spi.Array;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A program as a graph; its constants are inputs that are copied once. */
final class EngineProgram implements CompiledProgram {
    /** Rows that are computed at a time: enough to be worth a call, few enough for the caches. */
    private static final int CHUNK = 4096;

    private static final String CANDIDATES = "candidates";
    private static final String OUTPUT = "output.";

    private final Session session;
    private final GraphVariables variables;
    private final Map<String, Tensor> constants = new HashMap<>();

    EngineProgram(
            Runtime runtime, Graph graph, GraphVariables variables, Map<String, Array> constants) {
        this.variables = variables;
        constants.forEach((name, array) ->
                this.constants.put(name, ArrayTensors.tensor(array, variables.typeOf(name))));
        this.session = session(runtime, graph);
    }

    /** In the graph, where an input may have the plugin's name for the output. */
    static String outputName(String name) {
        return OUTPUT + name;
    }

    private static String pluginName(String output) {
        return output.substring(OUTPUT.length());
    }

    static Session session(Runtime runtime, Graph graph) {
        try (Weights none = runtime.weights(Map.of())) {
            return runtime.session(OnnxWriter.write(graph), none, Device.CPU);
        }
    }

    @Override
    public Map<String, Array> run(Map<String, Array> inputs) {
        Map<String, Tensor> fed = fed(inputs);
        Map<String, Array> outputs = new LinkedHashMap<>();
        try (Results results = session.run(fed, session.outputs(), Cancellation.none())) {
            session.outputs()
                    .forEach(name ->
                            outputs.put(pluginName(name), ArrayTensors.array(results.get(name))));
        }
        return outputs;
    }

    @Override
    public Map<String, Array> over(
            Tensor candidates, Map<String, Array> inputs, Cancellation cancellation) {
        DType type = variables.typeOf(CANDIDATES);
        int rows = Math.toIntExact(candidates.shape().get(0));
        Map<String, Tensor> fed = fed(inputs);
        Map<String, Array> outputs = new LinkedHashMap<>();
        for (int at = 0; at < Math.max(1, rows); at += CHUNK) {
            // The last chunk begins early: a product of few rows may round otherwise than one of
            // many, and a row's result must not depend on where it lies.
            int from = Math.max(0, Math.min(at, rows - CHUNK));
            int to = Math.min(rows, from + CHUNK);
            fed.put(CANDIDATES, ArrayTensors.as(candidates.slice(from, to), type));
            try (Results results = session.run(fed, session.outputs(), cancellation)) {
                for (String name : session.outputs()) {
                    collect(pluginName(name), results.get(name), outputs, from, to, rows);
                }
            }
        }
        return outputs;
    }

    private static void collect(
            String name, Tensor part, Map<String, Array> outputs, int from, int to, int rows) {
        List<Long> sizes = part.shape().sizes();
        if (sizes.isEmpty() || sizes.getFirst() != to - from) {
            throw new IllegalArgumentException(
                    "the output %s has the shape %s for %d candidates: it must have a row for each"
                            .formatted(name, part.shape(), to - from));
        }
        Array whole = outputs.computeIfAbsent(name, key -> ArrayTensors.rows(part, rows));
        int width = rows == 0 ? 0 : whole.size() / rows;
        ArrayTensors.copy(part, whole, from * width);
    }

    /** Everything but the candidates. */
    private Map<String, Tensor> fed(Map<String, Array> inputs) {
        Map<String, Tensor> fed = new HashMap<>(constants);
        inputs.forEach(
                (name, array) -> fed.put(name, ArrayTensors.tensor(array, variables.typeOf(name))));
        return fed;
    }

    @Override
    public void close() {
        session.close();
    }
}
