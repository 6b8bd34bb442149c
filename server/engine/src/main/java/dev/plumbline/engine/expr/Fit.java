package dev.plumbline.engine.expr;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.spi.Array;
import dev.plumbline.spi.Compute.Fitting;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Adam (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1), element by element, so that the number
 * of threads changes nothing.
 */
final class Fit {
    /** Elements that one thread updates at a time; four such arrays lie in its cache. */
    private static final int BLOCK = 8192;

    private final LossProgram program;
    private final Fitting options;
    private final Map<String, Tensor> first = new LinkedHashMap<>();
    private final Map<String, Tensor> second = new LinkedHashMap<>();

    Fit(LossProgram program, Fitting options) {
        this.program = program;
        this.options = options;
        program.parameters()
                .forEach((name, parameter) -> {
                    if (parameter.dtype() != DType.F32) {
                        throw new IllegalArgumentException(
                                "parameters are fitted in single precision");
                    }
                    first.put(name, Tensor.zeros(DType.F32, parameter.shape()));
                    second.put(name, Tensor.zeros(DType.F32, parameter.shape()));
                });
    }

    Map<String, Array> run(IntFunction<Map<String, Array>> batches) {
        for (int step = 0; step < options.steps(); step++) {
            double loss = program.run(batches.apply(step));
            if (!Double.isFinite(loss)) {
                throw new PlumblineException(
                        ErrorCode.FAILED_PRECONDITION,
                        "FIT_DIVERGED",
                        "the loss is %s at step %d of %d: take a smaller learning rate"
                                .formatted(loss, step, options.steps()),
                        Map.of("step", Integer.toString(step)));
            }
            update(step + 1);
            options.listener().stepped(step, loss);
        }
        Map<String, Array> fitted = new LinkedHashMap<>();
        program.parameters()
                .forEach((name, tensor) -> fitted.put(name, ArrayTensors.array(tensor)));
        return fitted;
    }

    /**
     * @param time from 1
     */
    private void update(int time) {
        Rates rates =
                new Rates(
                        (float) (options.learningRate() / (1 - Math.pow(options.beta1(), time))),
                        (float) Math.sqrt(1 - Math.pow(options.beta2(), time)),
                        (float) options.epsilon());
        program.parameters()
                .forEach((name, parameter) -> {
                    Tensor p = parameter;
                    Tensor g = tensor(program.gradients(), name);
                    Tensor m = tensor(first, name);
                    Tensor v = tensor(second, name);
                    int size = Math.toIntExact(parameter.shape().elements());
                    IntStream.range(0, Math.ceilDiv(size, BLOCK))
                            .parallel()
                            .forEach(block -> {
                                int from = block * BLOCK;
                                update(p, g, m, v, from, Math.min(BLOCK, size - from), rates);
                            });
                });
    }

    private static Tensor tensor(Map<String, Tensor> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name));
    }

    private record Rates(float stepSize, float correction, float epsilon) {}

    private void update(Tensor p, Tensor g, Tensor m, Tensor v, int from, int count, Rates rates) {
        float[] parameters = read(p, from, count);
        float[] gradients = read(g, from, count);
        float[] means = read(m, from, count);
        float[] squares = read(v, from, count);
        float keep1 = (float) options.beta1();
        float take1 = (float) (1 - options.beta1());
        float keep2 = (float) options.beta2();
        float take2 = (float) (1 - options.beta2());
        for (int i = 0; i < count; i++) {
            means[i] = keep1 * means[i] + take1 * gradients[i];
            squares[i] = keep2 * squares[i] + take2 * gradients[i] * gradients[i];
            float scale = (float) Math.sqrt(squares[i]) / rates.correction + rates.epsilon;
            parameters[i] -= rates.stepSize * (means[i] / scale);
        }
        p.write(from, parameters);
        m.write(from, means);
        v.write(from, squares);
    }

    private static float[] read(Tensor tensor, int from, int count) {
        float[] values = new float[count];
        tensor.read(from, values, 0, count);
        return values;
    }
}
