package dev.plumbline.engine.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.plumbline.engine.error.PlumblineException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PrecisionTest {
    @ParameterizedTest
    @EnumSource
    void isFoundByItsText(Precision precision) {
        assertThat(Precision.parse(precision.text())).isSameAs(precision);
        assertThat(precision.stored().bits()).isEqualTo(precision.bits());
        assertThat(precision.stored().roundsActivations()).isFalse();
    }

    @Test
    void refusesOthersByName() {
        PlumblineException failure =
                catchThrowableOfType(PlumblineException.class, () -> Precision.parse("INT4"));
        assertThat(failure.reason()).isEqualTo("PRECISION_UNKNOWN");
        assertThat(failure.field()).contains("precision");
        assertThat(failure).hasMessageContaining("'INT4'").hasMessageContaining("int4");
    }
}
