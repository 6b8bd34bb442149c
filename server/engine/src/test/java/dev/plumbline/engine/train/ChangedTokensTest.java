package dev.plumbline.engine.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChangedTokensTest {
    @Test
    void whatIsInBothInOneOrderIsNotChanged() {
        ChangedTokens changed = ChangedTokens.between(List.of(5, 1, 2, 9), List.of(5, 3, 2, 4, 9));
        assertThat(changed.chosen()).containsExactly(0, 1, 0, 0);
        assertThat(changed.rejected()).containsExactly(0, 1, 0, 1, 0);
    }

    @Test
    void onlyOneOfTwoThatChangePlacesIsInCommon() {
        ChangedTokens changed = ChangedTokens.between(List.of(1, 2, 9), List.of(2, 1, 9));
        assertThat(changed.chosen()).containsExactly(1, 0, 0);
        assertThat(changed.rejected()).containsExactly(0, 1, 0);
    }

    @Test
    void equalAnswersHaveNoneAndForeignOnesOnlySuch() {
        ChangedTokens same = ChangedTokens.between(List.of(1, 1), List.of(1, 1));
        assertThat(same.chosen()).containsOnly(0);
        assertThat(same.rejected()).containsOnly(0);
        ChangedTokens foreign = ChangedTokens.between(List.of(1), List.of(2, 3));
        assertThat(foreign.chosen()).containsOnly(1);
        assertThat(foreign.rejected()).containsOnly(1);
    }
}
