package dev.plumbline.engine.graph;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks that a graph can run: every value is made before it is read, and made once. */
final class Verifier {
    private Verifier() {}

    static void verify(Graph graph) {
        Set<Value> made = new HashSet<>(graph.inputs());
        made.addAll(graph.weights());
        made.addAll(graph.constants().keySet());
        for (Node node : graph.nodes()) {
            for (Value input : node.inputs()) {
                require(made.contains(input), graph, node.op() + " reads " + input + " too early");
            }
            for (Value output : node.outputs()) {
                require(made.add(output), graph, node.op() + " makes " + output + " again");
            }
            verifyTypes(graph, node);
        }
        require(!graph.outputs().isEmpty(), graph, "no output");
        for (Value output : graph.outputs()) {
            require(made.contains(output), graph, "nothing makes the output " + output);
        }
    }

    private static void verifyTypes(Graph graph, Node node) {
        if (node.op() == Op.RESHAPE) {
            return;
        }
        List<Inference.Type> types = Inference.infer(node.op(), node.inputs(), node.attributes());
        for (int i = 0; i < types.size(); i++) {
            require(
                    Inference.Type.of(node.outputs().get(i)).equals(types.get(i)),
                    graph,
                    node.op() + " does not make " + node.outputs().get(i));
        }
    }

    private static void require(boolean condition, Graph graph, String message) {
        if (!condition) {
            throw new IllegalStateException("graph " + graph.name() + ": " + message);
        }
    }
}
