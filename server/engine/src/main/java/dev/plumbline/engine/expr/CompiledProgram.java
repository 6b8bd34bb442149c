package dev.plumbline.engine.expr;

import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.spi.Array;
import dev.plumbline.spi.Compute;
import java.util.Map;

/** A plugin's program, which can also run over embeddings where they are. */
public interface CompiledProgram extends Compute.Program {
    /**
     * Runs over all rows, some thousand at a time.
     *
     * @param candidates [N, D] of type F32, for the input of that name; not copied
     * @param inputs the program's other inputs
     * @return its outputs, whose first axis has N rows
     */
    Map<String, Array> over(
            Tensor candidates, Map<String, Array> inputs, Cancellation cancellation);
}
