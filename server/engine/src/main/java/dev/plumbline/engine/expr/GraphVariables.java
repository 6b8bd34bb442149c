package dev.plumbline.engine.expr;

import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.spi.Array;
import dev.plumbline.spi.Compute;
import dev.plumbline.spi.Expression;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Where the expressions of a plugin begin: all are inputs of one graph. */
final class GraphVariables implements Compute.Variables {
    private final GraphBuilder builder;
    private final DType precision;
    private final Map<String, Value> kept = new LinkedHashMap<>();
    private final Map<String, Value> inputs = new LinkedHashMap<>();

    /**
     * @param arrays constants or parameters, by name
     */
    GraphVariables(GraphBuilder builder, DType precision, Map<String, Array> arrays) {
        this.builder = builder;
        this.precision = precision;
        arrays.forEach((name, array) -> {
            DType type = array.isDouble() ? DType.F64 : precision;
            Object[] sizes = Arrays.stream(array.shape()).boxed().toArray();
            kept.put(name, builder.input(name, type, Dim.shape(sizes)));
        });
    }

    @Override
    public Expression get(String name) {
        Value value = kept.get(name);
        if (value == null) {
            throw new IllegalArgumentException(
                    "there is no constant or parameter %s, only %s".formatted(name, kept.keySet()));
        }
        return new GraphExpression(value);
    }

    @Override
    public Expression input(String name, int... shape) {
        if (kept.containsKey(name)) {
            throw new IllegalArgumentException(name + " is a constant or parameter, not an input");
        }
        Value value = inputs.get(name);
        if (value == null) {
            value = builder.input(name, precision, Shapes.ofInput(name, shape));
            inputs.put(name, value);
        } else if (!value.dims().equals(Shapes.ofInput(name, shape))) {
            throw new IllegalArgumentException(
                    "the input %s has the shape %s, not %s"
                            .formatted(name, value.dims(), Arrays.toString(shape)));
        }
        return new GraphExpression(value);
    }

    Value kept(String name) {
        return GraphExpression.of(get(name));
    }

    /** Inputs that were asked for. */
    Set<String> inputs() {
        return inputs.keySet();
    }

    DType typeOf(String input) {
        Value value = inputs.getOrDefault(input, kept.get(input));
        if (value == null) {
            throw new IllegalArgumentException(
                    "the program has no input %s, only %s".formatted(input, inputs.keySet()));
        }
        return value.dtype();
    }
}
