package dev.plumbline.engine.expr;

import static dev.plumbline.engine.expr.ClosedForms.moved;
import static dev.plumbline.engine.expr.ClosedForms.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.plugins.dpo.DpoLoss;
import dev.plumbline.plugins.mdpo.MdpoLoss;
import dev.plumbline.plugins.plackettluce.PlackettLuceLoss;
import dev.plumbline.spi.Expression;
import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.Options;
import dev.plumbline.spi.PreferenceLoss;
import dev.plumbline.spi.PreferenceRow;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses as the engine computes and differentiates them, against closed forms in double. */
class CompiledLossTest {
    private static TestRuntime runtime;

    private final SplittableRandom random = new SplittableRandom(7);

    @BeforeAll
    static void open() {
        runtime = new TestRuntime();
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    /** A loss of the kind that a plugin's author would write. */
    private record Hinge() implements PreferenceLoss {
        @Override
        public String name() {
            return "hinge";
        }

        @Override
        public List<OptionSpec> options() {
            return List.of(OptionSpec.number("margin", 1, 0, 10, "Wanted margin."));
        }

        @Override
        public Expression loss(PreferenceRow row, Options options) {
            Expression chosen = row.chosenLogps().minus(row.referenceChosenLogps());
            Expression rejected = row.rejectedLogps().minus(row.referenceRejectedLogps());
            return rejected.minus(chosen).plus(options.number("margin")).relu();
        }
    }

    private static CompiledLoss compile(PreferenceLoss loss, Map<String, String> options) {
        return CompiledLoss.of(
                loss, DeclaredOptions.of(loss.name(), loss.options(), options), runtime.runtime());
    }

    @Test
    void dpoIsItsClosedForm() {
        try (CompiledLoss loss = compile(new DpoLoss(), Map.of("beta", "0.3"))) {
            assertThat(loss.inputs())
                    .containsExactlyInAnyOrder(
                            LossInput.CHOSEN,
                            LossInput.REJECTED,
                            LossInput.REFERENCE_CHOSEN,
                            LossInput.REFERENCE_REJECTED);
            compare(loss, row -> ClosedForms.dpo(row, 0.3));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.5})
    void smoothedDpoIsItsClosedForm(double smoothing) {
        Map<String, String> options = Map.of("beta", "0.3", "label_smoothing", "" + smoothing);
        try (CompiledLoss loss = compile(new DpoLoss(), options)) {
            compare(loss, row -> ClosedForms.dpo(row, 0.3, smoothing));
        }
    }

    /** Eq. 8 of the paper: coefficients as printed, the value that of plain Plackett-Luce. */
    @Test
    void printedHasTheCoefficientsOfThePaper() {
        double beta = 0.7;
        Map<String, String> options = Map.of("beta", "" + beta, "weighting", "printed");
        try (CompiledLoss loss = compile(new PlackettLuceLoss(), options)) {
            for (int k = 1; k <= 5; k++) {
                RowLogps row = row(random, k);
                LossValue value = loss.evaluate(row);
                double plain = ClosedForms.plackettLuce(row, beta, "none", 1);
                assertThat(value.loss()).isCloseTo(plain, within(1e-5));
                double chosen = row.policy().chosen() - row.reference().chosen();
                double saturation = -Math.expm1(-plain);
                double sum = 0;
                for (int i = 0; i < k; i++) {
                    double negative = row.policy().negatives()[i] - row.reference().negatives()[i];
                    double coefficient =
                            beta
                                    * saturation
                                    * Math.exp(
                                            beta * (negative - chosen)
                                                    - row.proposal().logProposals()[i]);
                    assertThat(value.gradient(LossInput.NEGATIVES, i))
                            .isCloseTo(coefficient, within(1e-4 * coefficient));
                    sum += coefficient;
                }
                assertThat(value.gradient(LossInput.CHOSEN, 0)).isCloseTo(-sum, within(1e-4 * sum));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "self_normalized", "clipped", "pool", "raw"})
    void plackettLuceIsItsClosedForm(String weighting) {
        Map<String, String> options = Map.of("beta", "0.7", "weighting", weighting, "clip", "1.5");
        try (CompiledLoss loss = compile(new PlackettLuceLoss(), options)) {
            compare(loss, row -> ClosedForms.plackettLuce(row, 0.7, weighting, 1.5));
            assertThat(loss.inputs().contains(LossInput.LOG_POOL_SIZE))
                    .isEqualTo(weighting.equals("pool"));
            assertThat(loss.inputs().contains(LossInput.LOG_WEIGHTS))
                    .isEqualTo(!weighting.equals("none"));
        }
    }

    @Test
    void mdpoIsItsClosedForm() {
        Map<String, String> options =
                Map.of(
                        "beta", "0.3",
                        "conditional_weight", "0.7",
                        "anchor_weight", "1.3",
                        "anchor", "0.2");
        try (CompiledLoss loss = compile(new MdpoLoss(), options)) {
            compare(loss, row -> ClosedForms.mdpo(row, 0.3, 0.7, 1.3, 0.2));
        }
    }

    @Test
    void aLossOfOnesOwnIsItsClosedForm() {
        try (CompiledLoss loss = compile(new Hinge(), Map.of("margin", "0.5"))) {
            compare(loss, row -> ClosedForms.hinge(row, 0.5));
        }
    }

    /** Values against the closed form, derivatives against its differences. */
    private void compare(CompiledLoss loss, ToDoubleFunction<RowLogps> form) {
        for (int k = 1; k <= 5; k++) {
            for (int repeat = 0; repeat < 10; repeat++) {
                RowLogps row = row(random, k);
                LossValue value = loss.evaluate(row);
                assertThat(value.loss()).isCloseTo(form.applyAsDouble(row), within(1e-5));
                assertDerivative(value, row, LossInput.CHOSEN, 0, form);
                assertDerivative(value, row, LossInput.REJECTED, 0, form);
                for (int i = 0; i < k; i++) {
                    assertDerivative(value, row, LossInput.NEGATIVES, i, form);
                }
            }
        }
    }

    private static void assertDerivative(
            LossValue value,
            RowLogps row,
            LossInput input,
            int index,
            ToDoubleFunction<RowLogps> form) {
        double step = 1e-5;
        double up = form.applyAsDouble(moved(row, input, index, step));
        double down = form.applyAsDouble(moved(row, input, index, -step));
        assertThat(value.gradient(input, index))
                .as("%s[%d]", input, index)
                .isCloseTo((up - down) / (2 * step), within(1e-5));
    }

    @Test
    void oneNegativeIsDpoOnImages() {
        try (CompiledLoss plackettLuce =
                        compile(new PlackettLuceLoss(), Map.of("weighting", "none"));
                CompiledLoss dpo = compile(new DpoLoss(), Map.of())) {
            for (int repeat = 0; repeat < 50; repeat++) {
                RowLogps row = row(random, 1);
                LossValue images = plackettLuce.evaluate(row);
                LossValue answers =
                        dpo.evaluate(
                                new RowLogps(
                                        asRejected(row.policy()),
                                        asRejected(row.reference()),
                                        row.proposal()));
                assertThat(images.loss()).isCloseTo(answers.loss(), within(1e-6));
                assertThat(images.gradient(LossInput.CHOSEN, 0))
                        .isCloseTo(answers.gradient(LossInput.CHOSEN, 0), within(1e-6));
                assertThat(images.gradient(LossInput.NEGATIVES, 0))
                        .isCloseTo(answers.gradient(LossInput.REJECTED, 0), within(1e-6));
                assertThat(images.gradient(LossInput.REJECTED, 0)).isZero();
            }
        }
    }

    private static RowLogps.Answers asRejected(RowLogps.Answers answers) {
        return new RowLogps.Answers(answers.chosen(), answers.negatives()[0], new double[0]);
    }

    @Test
    void equalWeightsMakeNoDifference() {
        for (int k = 1; k <= 5; k++) {
            double[] equal = new double[k];
            Arrays.fill(equal, 1.75);
            assertSameAsNone("self_normalized", k, equal, 0);
            assertSameAsNone("clipped", k, equal, 0);
        }
    }

    @Test
    void aUniformProposalMakesPoolNone() {
        int n = 1000;
        for (int k = 1; k <= 5; k++) {
            double[] uniform = new double[k];
            Arrays.fill(uniform, -Math.log((double) k / n));
            assertSameAsNone("pool", k, uniform, Math.log(n));
        }
    }

    private void assertSameAsNone(
            String weighting, int k, double[] logWeights, double logPoolSize) {
        try (CompiledLoss plain = compile(new PlackettLuceLoss(), Map.of("weighting", "none"));
                CompiledLoss weighted =
                        compile(new PlackettLuceLoss(), Map.of("weighting", weighting))) {
            RowLogps drawn = row(random, k);
            RowLogps row =
                    row(
                            drawn.policy(),
                            drawn.reference(),
                            logWeights,
                            drawn.proposal().logProposals(),
                            logPoolSize);
            assertThat(weighted.evaluate(row).loss())
                    .isCloseTo(plain.evaluate(row).loss(), within(2e-6));
            for (int i = 0; i < k; i++) {
                assertThat(weighted.evaluate(row).gradient(LossInput.NEGATIVES, i))
                        .isCloseTo(
                                plain.evaluate(row).gradient(LossInput.NEGATIVES, i), within(1e-6));
            }
        }
    }

    @Test
    void extremeLogProbabilitiesDoNotOverflow() {
        try (CompiledLoss loss = compile(new PlackettLuceLoss(), Map.of("weighting", "none"))) {
            RowLogps.Answers zero = new RowLogps.Answers(0, 0, new double[2]);
            RowLogps hopeless =
                    row(
                            new RowLogps.Answers(-8000, 0, new double[] {0, -4000}),
                            zero,
                            new double[2],
                            new double[2],
                            0);
            assertThat(loss.evaluate(hopeless).loss()).isCloseTo(4000, within(1e-3));
            assertThat(loss.evaluate(hopeless).gradient(LossInput.CHOSEN, 0)).isEqualTo(-0.5);
            RowLogps learned =
                    row(
                            new RowLogps.Answers(8000, 0, new double[] {0, -4000}),
                            zero,
                            new double[2],
                            new double[2],
                            0);
            assertThat(loss.evaluate(learned).loss()).isZero();
            assertThat(loss.evaluate(learned).gradient(LossInput.CHOSEN, 0)).isZero();
        }
    }
}
