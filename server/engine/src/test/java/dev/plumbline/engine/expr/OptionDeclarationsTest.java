package dev.plumbline.engine.expr;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.Proposal;
import java.util.List;
import org.junit.jupiter.api.Test;

class OptionDeclarationsTest {
    @Test
    void goodOnesHaveNoProblem() {
        assertThat(OptionDeclarations.problem(List.of())).isEmpty();
        assertThat(OptionDeclarations.problem(Proposal.options())).isEmpty();
        assertThat(OptionDeclarations.problem(List.of(OptionSpec.text("label", "", "A text."))))
                .isEmpty();
    }

    @Test
    void theFirstBadOneIsNamed() {
        var good = OptionSpec.number("good", 0, 0, 1, "Good.");
        var bad = OptionSpec.number("bad", 2, 0, 1, "Bad.");
        assertThat(OptionDeclarations.problem(List.of(good, bad)))
                .hasValueSatisfying(p -> assertThat(p).contains("bad", "from 0 to 1, not 2"));
        assertThat(OptionDeclarations.problem(List.of(good, good)))
                .contains("good is declared twice");
    }

    @Test
    void nullIsAProblem() {
        assertThat(OptionDeclarations.problem(java.util.Arrays.asList((OptionSpec) null)))
                .contains("one of them is null");
    }
}
