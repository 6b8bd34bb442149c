package dev.plumbline.engine.expr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.spi.Expression;
import dev.plumbline.spi.Options;
import dev.plumbline.spi.PreferenceLoss;
import dev.plumbline.spi.PreferenceRow;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a bad loss plugin does is said under its name. */
class LossPluginFaultsTest {
    private static TestRuntime runtime;

    @BeforeAll
    static void open() {
        runtime = new TestRuntime();
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    private record Plugin(Function<PreferenceRow, Expression> formula) implements PreferenceLoss {
        @Override
        public String name() {
            return "shaky";
        }

        @Override
        public Expression loss(PreferenceRow row, Options options) {
            return formula.apply(row);
        }
    }

    private static CompiledLoss compile(Function<PreferenceRow, Expression> formula) {
        return CompiledLoss.of(
                new Plugin(formula),
                DeclaredOptions.of("shaky", List.of(), Map.of()),
                runtime.runtime());
    }

    private static void failed(String what, ThrowingCallable work) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(work)
                .withMessageContainingAll("the loss plugin shaky ", what)
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION);
                    assertThat(e.reason()).isEqualTo("LOSS_FAILED");
                    assertThat(e.metadata()).containsEntry("loss", "shaky");
                });
    }

    private static void refused(String what, Function<PreferenceRow, Expression> formula) {
        failed(what, () -> compile(formula).close());
    }

    @Test
    void thrown() {
        refused(
                "threw java.lang.IllegalStateException: no",
                row -> {
                    throw new IllegalStateException("no");
                });
        refused(
                "threw java.lang.NoSuchMethodError: gone",
                row -> {
                    throw new NoSuchMethodError("gone");
                });
    }

    @Test
    void anOptionThatWasNotDeclared() {
        PreferenceLoss loss =
                new PreferenceLoss() {
                    @Override
                    public String name() {
                        return "shaky";
                    }

                    @Override
                    public Expression loss(PreferenceRow row, Options options) {
                        return row.chosenLogps().times(options.number("beta"));
                    }
                };
        failed(
                "does not declare so: beta",
                () ->
                        CompiledLoss.of(
                                        loss,
                                        DeclaredOptions.of("shaky", List.of(), Map.of()),
                                        runtime.runtime())
                                .close());
    }

    @Test
    void aVector() {
        refused("gave a vector", PreferenceRow::negativeLogps);
    }

    @Test
    void nothingOfThePolicy() {
        refused("reads no log-probability of the policy", PreferenceRow::referenceChosenLogps);
    }

    @Test
    void anExpressionWithoutEnd() {
        refused(
                "an expression of more than 2000 operations",
                row -> {
                    Expression sum = row.chosenLogps();
                    while (true) {
                        sum = sum.plus(1);
                    }
                });
    }

    @Test
    void anExpressionOfAnotherRow() {
        List<Expression> kept = new ArrayList<>();
        compile(
                        row -> {
                            kept.add(row.chosenLogps());
                            return kept.getFirst();
                        })
                .close();
        refused("gave an expression of another row", row -> kept.getFirst());
        refused("belongs to another graph", row -> row.chosenLogps().plus(kept.getFirst()));
    }

    @Test
    void anExpressionOfItsOwnMaking() {
        Expression made =
                (Expression)
                        Proxy.newProxyInstance(
                                Expression.class.getClassLoader(),
                                new Class<?>[] {Expression.class},
                                (proxy, method, arguments) -> proxy);
        refused("that the engine did not make", row -> made);
    }

    @Test
    void notANumber() {
        RowLogps row = ClosedForms.row(new SplittableRandom(0), 2);
        // The logarithm of a negative number, and a derivative without a bound.
        try (CompiledLoss loss = compile(r -> r.chosenLogps().log())) {
            failed("not a finite number", () -> loss.evaluate(row));
        }
        try (CompiledLoss loss =
                compile(r -> r.chosenLogps().minus(r.chosenLogps()).sigmoid().plus(-0.5).log())) {
            failed("not a finite number", () -> loss.evaluate(row));
        }
    }

    @Test
    void aConstantOfThePolicyHasNoDerivative() {
        RowLogps row = ClosedForms.row(new SplittableRandom(0), 3);
        try (CompiledLoss loss = compile(r -> r.negativeLogps().detached().sum())) {
            LossValue value = loss.evaluate(row);
            for (int i = 0; i < 3; i++) {
                assertThat(value.gradient(LossInput.NEGATIVES, i)).isZero();
            }
        }
    }
}
