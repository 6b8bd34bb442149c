package dev.plumbline.engine.expr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.spi.Expression;
import java.util.Map;
import java.util.Objects;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each method of the SPI's expressions on a number s = 0.5 and a vector v = (-1, 2, 0.25). */
class GraphExpressionTest {
    private static TestRuntime runtime;

    @BeforeAll
    static void open() {
        runtime = new TestRuntime();
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    private static void gives(BinaryOperator<Expression> formula, double... expected) {
        GraphBuilder builder = new GraphBuilder("expression");
        Expression s = new GraphExpression(builder.input("s", DType.F32, Dim.shape()));
        Expression v = new GraphExpression(builder.input("v", DType.F32, Dim.shape("K")));
        builder.output("y", GraphExpression.of(formula.apply(s, v)));
        Map<String, Tensor> outputs =
                runtime.run(
                        builder.build(),
                        Map.of(
                                "s", Tensor.of(Shape.of(), 0.5f),
                                "v", Tensor.of(Shape.of(3), -1f, 2f, 0.25f)));
        float[] values = Objects.requireNonNull(outputs.get("y")).toFloats();
        assertThat(values).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) values[i]).isCloseTo(expected[i], within(1e-6));
        }
    }

    @Test
    void arithmetic() {
        gives((s, v) -> s.plus(v), -0.5, 2.5, 0.75);
        gives((s, v) -> v.minus(s), -1.5, 1.5, -0.25);
        gives((s, v) -> s.times(v), -0.5, 1, 0.125);
        gives((s, v) -> s.dividedBy(v), -0.5, 0.25, 2);
        gives((s, v) -> v.plus(3), 2, 5, 3.25);
        gives((s, v) -> v.times(-2), 2, -4, -0.5);
        gives((s, v) -> s.negated(), -0.5);
        gives((s, v) -> v.atMost(0.5), -1, 0.5, 0.25);
    }

    @Test
    void functions() {
        gives((s, v) -> s.exp(), Math.exp(0.5));
        gives((s, v) -> s.log(), Math.log(0.5));
        gives((s, v) -> v.relu(), 0, 2, 0.25);
        gives((s, v) -> s.sigmoid(), 1 / (1 + Math.exp(-0.5)));
        gives((s, v) -> s.logSigmoid(), -Math.log1p(Math.exp(-0.5)));
        gives((s, v) -> s.times(-200).logSigmoid(), -100);
        gives((s, v) -> v.detached(), -1, 2, 0.25);
    }

    @Test
    void reductions() {
        gives((s, v) -> v.sum(), 1.25);
        gives((s, v) -> s.sum(), 0.5);
        gives((s, v) -> v.count(), 3);
        gives((s, v) -> s.count(), 1);
        gives((s, v) -> v.logSumExp(), Math.log(Math.exp(-1) + Math.exp(2) + Math.exp(0.25)));
        gives((s, v) -> v.times(1000).logSumExp(), 2000);
        gives((s, v) -> s.logSumExp(), 0.5);
    }
}
