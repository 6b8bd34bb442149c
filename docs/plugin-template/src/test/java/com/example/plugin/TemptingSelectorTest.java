package com.example.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.plumbline.spi.Choice;
import dev.plumbline.spi.Chooser;
import dev.plumbline.spi.Negative;
import dev.plumbline.spi.Options;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A plugin is tested without a server: with a row made by hand. */
class TemptingSelectorTest {
    /** Three candidates in a plane; the row's picture points right, its answer up. */
    private static final Row ROW =
            new Row(
                    new float[] {1, 0},
                    new float[] {0, 1},
                    new float[][] {{0, 1}, {0.8f, 0.6f}, {0.8f, -0.6f}},
                    1);

    private static Choice choose(double balance) {
        Options options = new GivenOptions(Map.of("sampling", "greedy", "balance", balance));
        // This selector needs nothing of the workshop.
        Chooser chooser = new TemptingSelector().open(null, options);
        return chooser.choose(ROW);
    }

    @Test
    void takesWhatLooksAlikeAndFitsTheAnswerBadly() {
        Choice choice = choose(1);
        assertEquals(1, choice.negatives().size());
        Negative negative = choice.negatives().getFirst();
        assertEquals(2, negative.index());
        assertEquals(1.4, negative.score(), 1e-6);
        assertEquals(Choice.GREEDY, choice.sampling());
    }

    @Test
    void withoutBalanceOnlyTheLookCounts() {
        assertEquals(0.8, choose(0).negatives().getFirst().score(), 1e-6);
    }
}
