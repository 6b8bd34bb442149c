package dev.plumbline.engine.graph;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What the values of a graph take in memory while it runs, told from their shapes. Inputs, weights
 * and what an operator needs for itself are not counted, save for the scores of attention.
 */
public final class ValueMemory {
    private final Graph graph;
    private final Map<String, Long> symbols;

    /** The value whose memory a reshaped one shares. */
    private final Map<Value, Value> owners = new HashMap<>();

    /**
     * @param symbols the numbers that the names in the graph's dims stand for
     */
    public ValueMemory(Graph graph, Map<String, Long> symbols) {
        this.graph = graph;
        this.symbols = Map.copyOf(symbols);
        graph.inputs().forEach(this::own);
        graph.weights().forEach(this::own);
        graph.constants().keySet().forEach(this::own);
        for (Node node : graph.nodes()) {
            node.outputs().forEach(this::own);
            if (isReshape(node.op())) {
                owners.put(node.output(), owner(node.input(0)));
            }
        }
    }

    /** Bytes of what is alive at the worst moment, when each value goes after its last use. */
    public long peak() {
        Map<Value, Integer> lastUse = lastUses();
        Map<Integer, Set<Value>> ending = new HashMap<>();
        lastUse.forEach((value, at) -> ending.computeIfAbsent(at, i -> new HashSet<>()).add(value));
        long alive = 0;
        long peak = 0;
        for (int at = 0; at < graph.nodes().size(); at++) {
            Node node = graph.nodes().get(at);
            alive += made(node);
            peak = Math.max(peak, alive + scores(node) + mask(node));
            for (Value value : ending.getOrDefault(at, Set.of())) {
                alive -= bytes(value);
            }
        }
        return peak;
    }

    /** Bytes of all values together, as when a backward pass needs every one of them. */
    public long sum() {
        return graph.nodes().stream().mapToLong(this::made).sum();
    }

    private Map<Value, Integer> lastUses() {
        Map<Value, Integer> lastUse = new HashMap<>();
        for (int at = 0; at < graph.nodes().size(); at++) {
            Node node = graph.nodes().get(at);
            for (Value output : node.outputs()) {
                if (counts(node, output)) {
                    lastUse.put(output, at);
                }
            }
            for (Value input : node.inputs()) {
                int now = at;
                lastUse.computeIfPresent(owner(input), (value, before) -> now);
            }
        }
        // What leaves the graph stays to the end.
        graph.outputs().forEach(output -> lastUse.remove(owner(output)));
        return lastUse;
    }

    private long made(Node node) {
        return node.outputs().stream()
                .filter(output -> counts(node, output))
                .mapToLong(this::bytes)
                .sum();
    }

    /** A reshaped value is its input's memory; keys and values are written into the cache. */
    private boolean counts(Node node, Value output) {
        boolean cached =
                node.op() == Op.GROUP_QUERY_ATTENTION && !output.equals(node.outputs().getFirst());
        return !cached && owner(output).equals(output);
    }

    /** Scores [B, heads, S, T] of the fused attention over a cache of T tokens. */
    private long scores(Node node) {
        if (node.op() != Op.GROUP_QUERY_ATTENTION) {
            return 0;
        }
        Value q = node.input(0);
        return size(q.dim(0))
                * node.attributes().integer("num_heads")
                * size(q.dim(1))
                * size(node.input(3).dim(2))
                * Float.BYTES;
    }

    /** Keys of 32 bits and what they decide, an element each. */
    private long mask(Node node) {
        return node.op() == Op.DROPOUT ? bytes(node.output()) / Float.BYTES * 5 : 0;
    }

    private long bytes(Value value) {
        long elements = 1;
        for (Dim dim : value.dims()) {
            elements = Math.multiplyExact(elements, size(dim));
        }
        return value.dtype().bytes(elements);
    }

    private long size(Dim dim) {
        return switch (dim) {
            case Dim.Fixed(long size) -> size;
            case Dim.Symbol(String name) -> product(name);
        };
    }

    /** Of a name such as {@code 2*S}; see {@link Dim#times}. */
    private long product(String name) {
        long product = 1;
        for (String factor : name.split("\\*", -1)) {
            Long size = symbols.get(factor);
            if (size == null && !factor.matches("[0-9]+")) {
                throw new IllegalArgumentException(
                        "no size for " + factor + " in the graph " + graph.name());
            }
            product = Math.multiplyExact(product, size == null ? Long.parseLong(factor) : size);
        }
        return product;
    }

    private static boolean isReshape(Op op) {
        return op == Op.RESHAPE || op == Op.RESHAPE_LIKE || op == Op.FLATTEN;
    }

    private void own(Value value) {
        owners.put(value, value);
    }

    private Value owner(Value value) {
        Value owner = owners.get(value);
        return owner == null ? value : owner;
    }
}
