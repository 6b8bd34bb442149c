package dev.plumbline.engine.graph;

import dev.plumbline.engine.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A finished graph.
 *
 * @param inputs fed at every run
 * @param weights shared by all sessions of a model, by the name of their tensor
 * @param constants small tensors that travel with the graph
 * @param nodes in an order in which they can run
 */
public record Graph(
        String name,
        List<Value> inputs,
        List<Value> weights,
        Map<Value, Tensor> constants,
        List<Node> nodes,
        List<Value> outputs) {
    public Graph {
        inputs = List.copyOf(inputs);
        weights = List.copyOf(weights);
        constants = Collections.unmodifiableMap(new LinkedHashMap<>(constants));
        nodes = List.copyOf(nodes);
        outputs = List.copyOf(outputs);
    }

    /** The names of the outputs, in order. */
    public List<String> outputNames() {
        return outputs.stream().map(Value::name).toList();
    }
}
