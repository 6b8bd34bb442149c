package dev.plumbline.engine.expr;

import dev.plumbline.engine.autodiff.Gradients;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.onnx.OnnxWriter;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Device;
import dev.plumbline.engine.runtime.Results;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.Session;
import dev.plumbline.engine.runtime.Weights;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.spi.Options;
import dev.plumbline.spi.PreferenceLoss;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A loss plugin's expression with its derivative, as one small graph that any row can be fed to.
 */
public final class CompiledLoss implements AutoCloseable {
    private static final String LOSS = "loss";

    private final String name;
    private final Set<LossInput> inputs;
    private final List<LossInput> differentiated;
    private final Session session;

    private CompiledLoss(
            String name,
            Set<LossInput> inputs,
            List<LossInput> differentiated,
            Runtime runtime,
            byte[] model) {
        this.name = name;
        this.inputs = inputs;
        this.differentiated = differentiated;
        try (Weights none = runtime.weights(Map.of())) {
            this.session = runtime.session(model, none, Device.CPU);
        }
    }

    /**
     * Asks a plugin for its expression and differentiates it.
     *
     * @throws PlumblineException {@code LOSS_FAILED} with the plugin's name and what it did
     */
    public static CompiledLoss of(PreferenceLoss loss, Options options, Runtime runtime) {
        GraphBuilder builder = new GraphBuilder(loss.name());
        LossRow row = new LossRow(builder);
        Value value;
        try {
            value = GraphExpression.of(loss.loss(row, options));
        } catch (PlumblineException e) {
            // Who called the plugin says already what it did.
            throw e;
        } catch (RuntimeException | LinkageError e) {
            throw failed(loss.name(), "threw " + e).causedBy(e);
        }
        if (value.builder() != builder) {
            throw failed(loss.name(), "gave an expression of another row");
        }
        if (value.rank() != 0) {
            throw failed(loss.name(), "gave a vector; a loss is one number");
        }
        List<LossInput> wanted = row.inputs().stream().filter(LossInput::isDifferentiated).toList();
        if (wanted.isEmpty()) {
            throw failed(loss.name(), "reads no log-probability of the policy");
        }
        List<Value> gradients =
                Gradients.of(
                        value,
                        builder.constant(1),
                        wanted.stream().map(input -> row.value(input)).toList());
        builder.output(LOSS, value);
        for (int i = 0; i < wanted.size(); i++) {
            builder.output(gradientName(wanted.get(i)), gradients.get(i));
        }
        byte[] model = OnnxWriter.write(builder.build());
        return new CompiledLoss(loss.name(), Set.copyOf(row.inputs()), wanted, runtime, model);
    }

    private static PlumblineException failed(String loss, String what) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "LOSS_FAILED",
                "the loss plugin %s %s".formatted(loss, what),
                Map.of("loss", loss));
    }

    /** What the expression reads. */
    public Set<LossInput> inputs() {
        return inputs;
    }

    /**
     * Value and derivative for one row.
     *
     * @throws PlumblineException {@code LOSS_FAILED} where they are not finite
     */
    public LossValue evaluate(RowLogps row) {
        LossValue value = evaluateAnyway(row);
        if (!value.isFinite()) {
            throw failed(name, "gave a loss or a derivative that is not a finite number");
        }
        return value;
    }

    /** The same, also where they are not finite. */
    public LossValue evaluateAnyway(RowLogps row) {
        Map<String, Tensor> fed = new HashMap<>();
        for (LossInput input : inputs) {
            fed.put(input.graphName(), tensor(input, row));
        }
        List<String> outputs = new ArrayList<>(List.of(LOSS));
        differentiated.forEach(input -> outputs.add(gradientName(input)));
        try (Results results = session.run(fed, outputs, Cancellation.none())) {
            Map<LossInput, float[]> gradients = new EnumMap<>(LossInput.class);
            for (LossInput input : differentiated) {
                gradients.put(input, results.get(gradientName(input)).toFloats());
            }
            return new LossValue(results.get(LOSS).getFloat(0), gradients);
        }
    }

    private static Tensor tensor(LossInput input, RowLogps row) {
        double[] values = input.values(row);
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return Tensor.of(
                input.axis().dims().isEmpty() ? Shape.of() : Shape.of(values.length), floats);
    }

    private static String gradientName(LossInput input) {
        return "gradient." + input.graphName();
    }

    @Override
    public void close() {
        session.close();
    }
}
