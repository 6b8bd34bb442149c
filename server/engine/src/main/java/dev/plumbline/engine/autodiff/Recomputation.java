package dev.plumbline.engine.autodiff;

import dev.plumbline.engine.graph.Node;
import dev.plumbline.engine.graph.ShapeOps;
import dev.plumbline.engine.graph.Value;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checkpointing (Chen et al. 2016, arXiv 1604.06174): of the forward pass only the values through
 * which everything goes are kept. The nodes between two of them are repeated where a gradient rule
 * reads what they made, each at most once, and not before the gradient has come so far.
 */
final class Recomputation {
    /** Everything is kept. */
    static final Recomputation NONE = new Recomputation(Map.of(), Set.of());

    private final Map<Value, Node> repeatable;
    private final Set<Value> checkpoints;
    private final Map<Value, Value> repeated = new HashMap<>();

    /**
     * @param repeatable values that are not kept, with the nodes that make them
     * @param checkpoints kept values that those nodes start from
     */
    private Recomputation(Map<Value, Node> repeatable, Set<Value> checkpoints) {
        this.repeatable = repeatable;
        this.checkpoints = checkpoints;
    }

    /**
     * @param forward nodes in order
     * @param active values that depend on what is differentiated with respect to; all others are
     *     kept, if they are read at all
     * @param output of the forward pass
     */
    static Recomputation of(List<Node> forward, Set<Value> active, Value output) {
        Map<Value, Integer> lastReader = lastReaders(forward, output);
        Map<Value, Node> repeatable = new HashMap<>();
        Set<Value> checkpoints = new HashSet<>();
        Set<Value> wanted = new HashSet<>();
        Map<Value, Node> since = new HashMap<>();
        @Nullable Value last = null;
        for (int i = 0; i < forward.size(); i++) {
            Node node = forward.get(i);
            int at = i;
            for (Value value : node.outputs()) {
                if (active.contains(value)) {
                    wanted.add(value);
                    since.put(value, node);
                }
            }
            wanted.removeIf(value -> lastReader.getOrDefault(value, -1) <= at);
            if (wanted.size() == 1) {
                Value only = wanted.iterator().next();
                since.remove(only);
                // Of the same dims: its gradient then tells when the repetition may begin.
                if (last != null && last.dims().equals(only.dims())) {
                    checkpoints.add(last);
                    repeatable.putAll(since);
                }
                since.clear();
                last = only;
            }
        }
        return new Recomputation(repeatable, checkpoints);
    }

    private static Map<Value, Integer> lastReaders(List<Node> forward, Value output) {
        Map<Value, Integer> last = new HashMap<>();
        for (int i = 0; i < forward.size(); i++) {
            for (Value input : forward.get(i).inputs()) {
                last.put(input, i);
            }
        }
        last.put(output, forward.size());
        return last;
    }

    /**
     * A node as its gradient rule shall see it.
     *
     * @param dY what has reached the node
     */
    Node seen(Node node, Value dY) {
        return new Node(
                node.op(), seen(node.inputs(), dY), seen(node.outputs(), dY), node.attributes());
    }

    private List<Value> seen(List<Value> values, Value dY) {
        return values.stream()
                .map(value -> repeatable.containsKey(value) ? repeat(value, dY) : value)
                .toList();
    }

    private Value repeat(Value value, Value dY) {
        if (!repeated.containsKey(value)) {
            if (checkpoints.contains(value)) {
                // The first to be visited is the node that made the next checkpoint, so that this
                // is that one's gradient, of the same dims.
                repeated.put(value, ShapeOps.after(value, dY));
            } else {
                repeat(Objects.requireNonNull(repeatable.get(value)), dY);
            }
        }
        return Objects.requireNonNull(repeated.get(value));
    }

    private void repeat(Node node, Value dY) {
        List<Value> inputs =
                node.inputs().stream()
                        .map(input ->
                                repeatable.containsKey(input) || checkpoints.contains(input)
                                        ? repeat(input, dY)
                                        : input)
                        .toList();
        List<Value> outputs = dY.builder().repeat(node, inputs);
        for (int i = 0; i < outputs.size(); i++) {
            repeated.put(node.outputs().get(i), outputs.get(i));
        }
    }
}
