package dev.plumbline.engine.expr;

import dev.plumbline.engine.autodiff.Gradients;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.MathOps;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.runtime.Binding;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.Session;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.spi.Array;
import dev.plumbline.spi.Compute.Variables;
import dev.plumbline.spi.Expression;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A number and its gradients with respect to parameters, all of which lie in native memory. */
final class LossProgram implements AutoCloseable {
    private static final String LOSS = "loss";

    private final GraphVariables variables;
    private final DType precision;
    private final Session session;
    private final Binding binding;
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final Map<String, Tensor> gradients = new LinkedHashMap<>();
    private final Tensor loss;

    private LossProgram(
            Runtime runtime,
            DType precision,
            GraphBuilder builder,
            GraphVariables variables,
            Map<String, Array> start) {
        this.variables = variables;
        this.precision = precision;
        this.session = EngineProgram.session(runtime, builder.build());
        this.binding = session.bind();
        this.loss = Tensor.zeros(precision, Shape.of());
        binding.output(LOSS, loss);
        start.forEach((name, array) -> {
            Tensor parameter = ArrayTensors.tensor(array, variables.typeOf(name));
            Tensor gradient = Tensor.zeros(parameter.dtype(), parameter.shape());
            parameters.put(name, parameter);
            gradients.put(name, gradient);
            binding.input(name, parameter);
            binding.output(gradientName(name), gradient);
        });
    }

    static LossProgram of(
            Runtime runtime,
            DType precision,
            Function<Variables, Expression> loss,
            Map<String, Array> parameters) {
        GraphBuilder builder = new GraphBuilder("fit");
        GraphVariables variables = new GraphVariables(builder, precision, parameters);
        Value value = GraphExpression.of(loss.apply(variables));
        if (value.rank() != 0) {
            throw new IllegalArgumentException(
                    "a loss is one number, not an array of the shape " + value.dims());
        }
        List<String> names = List.copyOf(parameters.keySet());
        List<Value> gradients =
                Gradients.of(
                        value,
                        builder.constant(1, value.dtype()),
                        names.stream().map(variables::kept).toList());
        builder.output(LOSS, cast(value, precision));
        for (int i = 0; i < names.size(); i++) {
            builder.output(gradientName(names.get(i)), gradients.get(i));
        }
        return new LossProgram(runtime, precision, builder, variables, parameters);
    }

    private static Value cast(Value value, DType precision) {
        return value.dtype() == precision ? value : MathOps.cast(value, precision);
    }

    private static String gradientName(String parameter) {
        return "gradient." + parameter;
    }

    /** Computes both for a batch; the gradients are then in {@link #gradients()}. */
    double run(Map<String, Array> batch) {
        if (!batch.keySet().equals(variables.inputs())) {
            throw new IllegalArgumentException(
                    "a batch brings %s, the loss reads %s"
                            .formatted(batch.keySet(), variables.inputs()));
        }
        batch.forEach((name, array) ->
                binding.input(name, ArrayTensors.tensor(array, variables.typeOf(name))));
        binding.run(Cancellation.none());
        return precision == DType.F64 ? loss.toDoubles()[0] : loss.getFloat(0);
    }

    Map<String, Array> gradients(Map<String, Array> batch) {
        double value = run(batch);
        Map<String, Array> all = new LinkedHashMap<>();
        all.put("", Array.of(new double[] {value}, 1));
        gradients.forEach((name, tensor) -> all.put(name, ArrayTensors.array(tensor)));
        return all;
    }

    Map<String, Tensor> parameters() {
        return parameters;
    }

    Map<String, Tensor> gradients() {
        return gradients;
    }

    @Override
    public void close() {
        binding.close();
        session.close();
    }
}
