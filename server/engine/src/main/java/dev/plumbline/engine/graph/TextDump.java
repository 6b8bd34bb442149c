package dev.plumbline.engine.graph;

import java.util.List;
import java.util.stream.Collectors;

/** A graph as text, one line a value: for people, and for golden files. */
public final class TextDump {
    private TextDump() {}

    public static String of(Graph graph) {
        StringBuilder text = new StringBuilder("graph ").append(graph.name()).append('\n');
        graph.inputs().forEach(v -> text.append("input ").append(v).append('\n'));
        graph.weights().forEach(v -> text.append("weight ").append(v).append('\n'));
        graph.constants().forEach((v, tensor) -> text.append("constant ").append(v).append('\n'));
        graph.nodes().forEach(n -> text.append(line(n)).append('\n'));
        return text.append("output ")
                .append(String.join(", ", graph.outputNames()))
                .append('\n')
                .toString();
    }

    private static String line(Node node) {
        String attributes =
                node.attributes().values().isEmpty() ? "" : " " + node.attributes().values();
        return join(node.outputs(), true)
                + " = "
                + node.op()
                + "("
                + join(node.inputs(), false)
                + ")"
                + attributes;
    }

    private static String join(List<Value> values, boolean typed) {
        return values.stream()
                .map(v -> typed ? v.toString() : v.name())
                .collect(Collectors.joining(", "));
    }
}
