package dev.plumbline.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.eval.benchmarks.Figure;
import dev.plumbline.eval.benchmarks.Metric.Unit;
import org.junit.jupiter.api.Test;

class NumbersTest {
    @Test
    void roundsTheExactBinaryValueTiesToEven() {
        assertThat(Numbers.plain(0.25, Unit.WORDS)).isEqualTo("0.2");
        assertThat(Numbers.plain(0.75, Unit.WORDS)).isEqualTo("0.8");
        assertThat(Numbers.plain(0.35, Unit.WORDS)).isEqualTo("0.3");
        assertThat(Numbers.plain(0.961, Unit.FRACTION)).isEqualTo("96.1");
    }

    @Test
    void zeroHasNoMinus() {
        assertThat(Numbers.signed(-0.0001, Unit.FRACTION)).isEqualTo("+0.0");
        assertThat(Numbers.signed(-0.001, Unit.FRACTION)).isEqualTo("-0.1");
        assertThat(Numbers.figure(new Figure.Undefined("empty"), Unit.FRACTION)).isEqualTo("–");
    }

    @Test
    void threeSignificantDigits() {
        assertThat(Numbers.significant(-6.9077)).isEqualTo("-6.91");
        assertThat(Numbers.significant(0)).isEqualTo("0");
        assertThat(Numbers.significant(1234.4)).isEqualTo("1234");
        assertThat(Numbers.significant(0.0123)).isEqualTo("0.0123");
        assertThat(Numbers.significant(0.00001)).isEqualTo("1.0e-05");
        assertThat(Numbers.significant(Double.NaN)).isEqualTo("–");
    }

    @Test
    void axesEndAtRoundNumbers() {
        Axis axis = Axis.over(new double[] {0.13, 0.98});

        assertThat(axis.ticks()).hasSize(6);
        assertThat(axis.low()).isZero();
        assertThat(axis.label(axis.ticks().get(1))).isEqualTo("0.2");
        assertThat(axis.share(axis.high())).isEqualTo(1);
        assertThat(Axis.over(new double[] {3, 3}).share(3)).isCloseTo(0.5, within(1e-9));
        assertThat(Axis.over(new double[0]).ticks()).isNotEmpty();
    }
}
