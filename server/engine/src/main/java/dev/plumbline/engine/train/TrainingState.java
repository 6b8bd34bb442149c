package dev.plumbline.engine.train;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What training changes: the parameters and the optimizer's moments. */
final class TrainingState {
    private static final String PARAMETER = "parameter.";
    private static final String FIRST_MOMENT = "exp_avg.";
    private static final String SECOND_MOMENT = "exp_avg_sq.";

    private final LoraParameters parameters;
    private final AdamW optimizer;

    private TrainingState(LoraParameters parameters, AdamW optimizer) {
        this.parameters = parameters;
        this.optimizer = optimizer;
    }

    /** Where training begins. */
    static TrainingState of(LoadedModel model, TrainingSpec spec) {
        LoraParameters parameters = LoraParameters.of(model, spec.lora(), spec.seed());
        return new TrainingState(
                parameters, new AdamW(parameters.values(), spec.optimizer().weightDecay()));
    }

    LoraParameters parameters() {
        return parameters;
    }

    /** Updates so far. */
    int updates() {
        return optimizer.steps();
    }

    /**
     * Moves the parameters against their gradients.
     *
     * @param gradients in the order of {@link LoraParameters#values}
     */
    void update(List<float[]> gradients, double learningRate) {
        optimizer.step(parameters.values(), gradients, learningRate);
        parameters.feed();
    }

    /** All numbers by name, as they are now: views that later updates change. */
    Map<String, float[]> arrays() {
        List<String> names = parameters.inputNames();
        Map<String, float[]> arrays = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            arrays.put(PARAMETER + names.get(i), parameters.values().get(i));
            arrays.put(FIRST_MOMENT + names.get(i), optimizer.firstMoments().get(i));
            arrays.put(SECOND_MOMENT + names.get(i), optimizer.secondMoments().get(i));
        }
        return arrays;
    }

    /**
     * Goes back to numbers that {@link #arrays} gave.
     *
     * @throws PlumblineException {@code STATE_MISMATCH}; then nothing has changed
     */
    void restore(Map<String, Tensor> saved, int updates) {
        Map<String, float[]> arrays = arrays();
        arrays.forEach((name, values) -> require(name, saved, values.length));
        if (saved.size() != arrays.size()) {
            throw mismatch(
                    "it holds %d tensors, the run has %d".formatted(saved.size(), arrays.size()));
        }
        arrays.forEach((name, values) -> {
            float[] old = Objects.requireNonNull(saved.get(name)).toFloats();
            System.arraycopy(old, 0, values, 0, old.length);
        });
        optimizer.restore(updates);
        parameters.feed();
    }

    private static void require(String name, Map<String, Tensor> saved, int length) {
        Tensor tensor = saved.get(name);
        if (tensor == null || !tensor.shape().equals(Shape.of(length))) {
            throw mismatch("%s is not the %d numbers that it should be".formatted(name, length));
        }
    }

    private static PlumblineException mismatch(String what) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "STATE_MISMATCH",
                "this state was saved from other parameters: " + what,
                Map.of());
    }
}
