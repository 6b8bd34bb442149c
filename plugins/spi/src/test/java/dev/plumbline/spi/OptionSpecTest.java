package dev.plumbline.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class OptionSpecTest {
    @Test
    void eachKindHasItsDefault() {
        assertThat(OptionSpec.number("beta", 0.5, 0, 1, "").defaultValue()).isEqualTo("0.5");
        assertThat(OptionSpec.integer("latents", 128, 1, 4096, "").defaultValue()).isEqualTo("128");
        assertThat(OptionSpec.text("label", "x", "").defaultValue()).isEqualTo("x");
        OptionSpec choice = OptionSpec.choice("mode", List.of("greedy", "sampled"), "");
        assertThat(choice.defaultValue()).isEqualTo("greedy");
        assertThat(choice.type()).isEqualTo(OptionSpec.Type.CHOICE);
        assertThat(choice.choices()).containsExactly("greedy", "sampled");
    }

    @Test
    void namesAreLowerSnakeCase() {
        for (String name : List.of("Beta", "", "2x", "a-b", "a.b", "_a")) {
            assertThatThrownBy(() -> OptionSpec.text(name, "", ""))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("lower snake case");
        }
    }
}
