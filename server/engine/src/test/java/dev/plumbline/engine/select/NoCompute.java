package dev.plumbline.engine.select;

import dev.plumbline.spi.Array;
import dev.plumbline.spi.Compute;
import dev.plumbline.spi.Expression;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;

/** For selectors that compute nothing. */
final class NoCompute implements Compute {
    @Override
    public Program compile(
            Map<String, Array> constants, Function<Variables, Map<String, Expression>> outputs) {
        throw RowEmbeddings.missing();
    }

    @Override
    public Map<String, Array> fit(
            Function<Variables, Expression> loss,
            Map<String, Array> parameters,
            IntFunction<Map<String, Array>> batches,
            Fitting options) {
        throw RowEmbeddings.missing();
    }
}
