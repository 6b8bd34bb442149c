package dev.plumbline.engine.autodiff;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.MathOps;
import dev.plumbline.engine.graph.Node;
import dev.plumbline.engine.graph.ShapeOps;
import dev.plumbline.engine.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The driver: walks a graph backwards and adds the nodes of the wanted gradients, no others. */
public final class Gradients {
    private final Set<Value> active;
    private final Recomputation recomputation;
    private final Map<Value, Value> gradients = new HashMap<>();

    private Gradients(Set<Value> active, Recomputation recomputation) {
        this.active = active;
        this.recomputation = recomputation;
    }

    /**
     * The gradients of {@code sum(seed * output)} with respect to some values.
     *
     * @param output of any dims
     * @param seed of the dims of {@code output}
     * @param targets what to differentiate with respect to
     * @return one a target, of the target's dims; zeros where it does not matter
     */
    public static List<Value> of(Value output, Value seed, List<Value> targets) {
        return of(output, seed, targets, false);
    }

    /**
     * The same, for less memory and more work if wanted.
     *
     * @param checkpointed keeps of the forward pass only those values through which everything goes
     *     (a decoder's hidden states), and computes again what lies between two of them when the
     *     gradients come to it; the result is the same to the last bit
     */
    public static List<Value> of(
            Value output, Value seed, List<Value> targets, boolean checkpointed) {
        GraphBuilder builder = output.builder();
        List<Node> forward = builder.nodes();
        Set<Value> active = dependants(forward, targets);
        Gradients pass =
                new Gradients(
                        active,
                        checkpointed
                                ? Recomputation.of(forward, active, output)
                                : Recomputation.NONE);
        if (pass.active.contains(output)) {
            pass.gradients.put(output, seed);
        }
        for (Node node : forward.reversed()) {
            pass.visit(node);
        }
        return targets.stream()
                .map(t ->
                        pass.gradients.containsKey(t)
                                ? pass.gradients.get(t)
                                : ShapeOps.zerosLike(t))
                .toList();
    }

    /** The targets and all that a gradient could flow through on its way to them. */
    private static Set<Value> dependants(List<Node> nodes, List<Value> targets) {
        Set<Value> found = new HashSet<>(targets);
        for (Node node : nodes) {
            for (int i = 0; i < node.inputs().size(); i++) {
                if (Rules.flows(node, i) && found.contains(node.input(i))) {
                    found.addAll(node.outputs());
                }
            }
        }
        return found;
    }

    private void visit(Node node) {
        Value dY = gradients.get(node.output());
        if (dY == null) {
            return;
        }
        Node seen = recomputation.seen(node, dY);
        for (int i = 0; i < node.inputs().size(); i++) {
            Value input = node.input(i);
            if (Rules.flows(node, i) && active.contains(input)) {
                Value gradient = sumTo(rule(node).gradient(seen, dY, i), input);
                gradients.merge(input, gradient, MathOps::add);
            }
        }
    }

    private static Rule rule(Node node) {
        return Rules.of(node.op())
                .orElseThrow(() ->
                        new PlumblineException(
                                ErrorCode.INTERNAL,
                                "GRADIENT_RULE_MISSING",
                                "operator %s (%s) has no gradient rule"
                                        .formatted(node.op(), node.output()),
                                Map.of("operator", node.op().name())));
    }

    /** Sums away the axes along which a value was broadcast. */
    private static Value sumTo(Value gradient, Value like) {
        if (gradient.dims().equals(like.dims())) {
            return gradient;
        }
        int extra = gradient.rank() - like.rank();
        List<Integer> axes = new ArrayList<>();
        for (int axis = 0; axis < gradient.rank(); axis++) {
            Dim own = axis < extra ? Dim.of(1) : like.dim(axis - extra);
            if (axis < extra || (own.isOne() && !gradient.dim(axis).isOne())) {
                axes.add(axis);
            }
        }
        Value sum =
                MathOps.reduceSum(
                        gradient, true, axes.stream().mapToInt(Integer::intValue).toArray());
        return extra == 0 ? sum : ShapeOps.reshapeLike(sum, like);
    }
}
