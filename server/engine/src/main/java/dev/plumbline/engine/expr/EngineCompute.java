package dev.plumbline.engine.expr;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.spi.Array;
import dev.plumbline.spi.Compute;
import dev.plumbline.spi.Expression;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;

/** Computes what plugins write, on ONNX Runtime. */
public final class EngineCompute implements Compute {
    private final Runtime runtime;
    private final DType precision;

    /**
     * @param precision of inputs, constants and parameters: F32, or F64 to judge it by
     */
    public EngineCompute(Runtime runtime, DType precision) {
        this.runtime = runtime;
        this.precision = precision;
    }

    /** As plugins compute when they are in use: in F32. */
    public static EngineCompute inUse(Runtime runtime) {
        return new EngineCompute(runtime, DType.F32);
    }

    @Override
    public CompiledProgram compile(
            Map<String, Array> constants, Function<Variables, Map<String, Expression>> outputs) {
        GraphBuilder builder = new GraphBuilder("program");
        GraphVariables variables = new GraphVariables(builder, precision, constants);
        outputs.apply(variables)
                .forEach((name, output) ->
                        builder.output(EngineProgram.outputName(name), GraphExpression.of(output)));
        return new EngineProgram(runtime, builder.build(), variables, constants);
    }

    /**
     * @throws PlumblineException {@code FIT_DIVERGED} where the loss is no finite number
     */
    @Override
    public Map<String, Array> fit(
            Function<Variables, Expression> loss,
            Map<String, Array> parameters,
            IntFunction<Map<String, Array>> batches,
            Fitting options) {
        try (LossProgram program = LossProgram.of(runtime, precision, loss, parameters)) {
            return new Fit(program, options).run(batches);
        }
    }
}
