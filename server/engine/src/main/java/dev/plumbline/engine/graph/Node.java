package dev.plumbline.engine.graph;

import java.util.List;

/** One operation: its inputs and outputs in the operator's own order. */
public record Node(Op op, List<Value> inputs, List<Value> outputs, Attributes attributes) {
    public Node {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    public Value input(int index) {
        return inputs.get(index);
    }

    public Value output() {
        return outputs.getFirst();
    }
}
