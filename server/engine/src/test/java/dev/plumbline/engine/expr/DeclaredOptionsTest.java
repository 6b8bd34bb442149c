package dev.plumbline.engine.expr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.spi.OptionSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeclaredOptionsTest {
    private static final List<OptionSpec> DECLARED =
            List.of(
                    OptionSpec.number("beta", 0.5, 1e-6, 1e3, "Strength."),
                    OptionSpec.integer("latents", 128, 1, 4096, "Size."),
                    OptionSpec.choice("mode", List.of("greedy", "sampled"), "How."),
                    OptionSpec.text("label", "none", "A name."));

    private static DeclaredOptions of(Map<String, String> given) {
        return DeclaredOptions.of("sae", DECLARED, given);
    }

    @Test
    void defaultsFillIn() {
        DeclaredOptions options = of(Map.of());
        assertThat(options.number("beta")).isEqualTo(0.5);
        assertThat(options.integer("latents")).isEqualTo(128);
        assertThat(options.text("mode")).isEqualTo("greedy");
        assertThat(options.text("label")).isEqualTo("none");
    }

    @Test
    void whatIsGivenHolds() {
        DeclaredOptions options =
                of(Map.of("beta", " 1e-2 ", "latents", "64", "mode", "sampled", "label", ""));
        assertThat(options.number("beta")).isEqualTo(0.01);
        assertThat(options.integer("latents")).isEqualTo(64);
        assertThat(options.text("mode")).isEqualTo("sampled");
        assertThat(options.text("label")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "gamma, 1, UNKNOWN_OPTION, 'beta (number from 1.0E-6 to 1000), latents'",
        "beta, NaN, OPTION_OUT_OF_RANGE, from 1.0E-6 to 1000",
        "beta, Infinity, OPTION_OUT_OF_RANGE, Infinity",
        "beta, -1, OPTION_OUT_OF_RANGE, -1",
        "beta, 0, OPTION_OUT_OF_RANGE, 1.0E-6",
        "beta, high, OPTION_NOT_A_NUMBER, 'a number from 1.0E-6 to 1000, not ''high'''",
        "beta, '', OPTION_NOT_A_NUMBER, a number",
        "latents, 1.5, OPTION_NOT_A_NUMBER, a whole number",
        "latents, 99999999999, OPTION_NOT_A_NUMBER, a whole number",
        "latents, 0, OPTION_OUT_OF_RANGE, 4096",
        "mode, Greedy, OPTION_NOT_A_CHOICE, '[greedy, sampled]'",
    })
    void whatIsWrongIsNamed(String name, String value, String reason, String said) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> of(Map.of(name, value)))
                .withMessageContainingAll("option " + name + " of sae", said)
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
                    assertThat(e.reason()).isEqualTo(reason);
                    assertThat(e.field()).contains("options." + name);
                    assertThat(e.metadata()).containsEntry("plugin", "sae");
                });
    }

    @Test
    void aPluginGetsOnlyWhatItDeclared() {
        DeclaredOptions options = of(Map.of());
        assertThatThrownBy(() -> options.number("rho")).hasMessageContainingAll("sae", "rho");
        assertThatThrownBy(() -> options.integer("beta")).hasMessageContainingAll("sae", "beta");
        assertThatThrownBy(() -> options.text("latents")).hasMessageContainingAll("sae", "latents");
    }
}
