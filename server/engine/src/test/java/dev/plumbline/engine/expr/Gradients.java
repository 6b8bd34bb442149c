package dev.plumbline.engine.expr;

import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.spi.Array;
import dev.plumbline.spi.Compute.Variables;
import dev.plumbline.spi.Expression;
import java.util.Map;
import java.util.function.Function;

/** What a fit follows, to be looked at. */
public record Gradients(Runtime runtime, DType precision) {
    /**
     * Loss and gradients for one batch.
     *
     * @return the gradients by the parameters' names, and the loss under the empty name
     */
    public Map<String, Array> of(
            Function<Variables, Expression> loss,
            Map<String, Array> parameters,
            Map<String, Array> batch) {
        try (LossProgram program = LossProgram.of(runtime, precision, loss, parameters)) {
            return program.gradients(batch);
        }
    }
}
