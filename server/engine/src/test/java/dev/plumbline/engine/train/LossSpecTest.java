package dev.plumbline.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.train.LossSpec.Term;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossSpecTest {
    @Test
    void aSumOfWeightedLosses() {
        LossSpec spec = LossSpec.parse("plackett-luce + 1.5 * dpo", Map.of("beta", "1"));
        assertThat(spec.terms())
                .containsExactly(new Term(1, "plackett-luce"), new Term(1.5, "dpo"));
        assertThat(spec.options()).containsExactly(Map.entry("beta", "1"));
        assertThat(LossSpec.parse(" dpo ", Map.of()).terms()).containsExactly(new Term(1, "dpo"));
        assertThat(LossSpec.parse("2e-1*a+0*b2", Map.of()).terms())
                .containsExactly(new Term(0.2, "a"), new Term(0, "b2"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "dpo +",
                "-1 * dpo",
                "dpo * 2",
                "2 dpo",
                "DPO",
                "1e999 * dpo",
                "NaN * dpo"
            })
    void whatIsNotReadableIsNamed(String text) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> LossSpec.parse(text, Map.of()))
                .withMessageContaining("write for example plackett-luce + 1.0 * dpo")
                .satisfies(e -> {
                    assertThat(e.reason()).isEqualTo("LOSS_NOT_READABLE");
                    assertThat(e.field()).contains("loss");
                });
    }
}
