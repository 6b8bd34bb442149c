package dev.plumbline.engine.select;

import dev.plumbline.engine.data.PreferenceExample.Mining;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.spi.Choice;
import dev.plumbline.spi.Negative;
import dev.plumbline.spi.Raster;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A plugin need not keep to what the SPI says, null included: names it and what it did. */
final class ChoiceCheck {
    private final String selector;
    private final int k;

    ChoiceCheck(String selector, int k) {
        this.selector = selector;
        this.k = k;
    }

    /**
     * Calls the plugin.
     *
     * @param place of the row, for messages
     */
    <T> T call(String place, Supplier<@Nullable T> plugin) {
        T result;
        try {
            result = plugin.get();
        } catch (PlumblineException e) {
            // Ours: cancelled, or an embedding that is not there.
            throw e;
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            throw failed("threw " + e, place).causedBy(e);
        }
        if (result == null) {
            throw failed("gave null", place);
        }
        return result;
    }

    void run(String place, Runnable plugin) {
        call(
                place,
                () -> {
                    plugin.run();
                    return "";
                });
    }

    void check(String place, Choice choice, RowSelection selection) {
        if (!Mining.SAMPLINGS.contains(choice.sampling())) {
            throw failed(
                    "samples '%s', not %s".formatted(choice.sampling(), Mining.SAMPLINGS), place);
        }
        if (choice.negatives().size() != k) {
            throw failed(
                    "chose %d negatives, not %d".formatted(choice.negatives().size(), k), place);
        }
        Set<Integer> seen = new HashSet<>();
        Set<ByteBuffer> made = new HashSet<>();
        for (Negative negative : choice.negatives()) {
            check(place, negative, selection);
            boolean again = negative.picture() == null && !seen.add(negative.index());
            if (again && !choice.sampling().equals(Choice.WITH_REPLACEMENT)) {
                throw failed("chose the candidate " + negative.index() + " twice", place);
            }
            Raster picture = negative.picture();
            if (picture != null && !made.add(ByteBuffer.wrap(picture.rgb()))) {
                throw failed("made one picture twice", place);
            }
            if (negative.logWeight() != 0 && choice.sampling().equals(Choice.GREEDY)) {
                throw failed("gave a weight to what it did not sample", place);
            }
        }
    }

    private void check(String place, Negative negative, RowSelection selection) {
        Raster made = negative.picture();
        if (made != null && Arrays.equals(made.rgb(), selection.image().rgb())) {
            throw failed("made the row's own picture", place);
        }
        int n = selection.candidates().size();
        if (made == null && (negative.index() < 0 || negative.index() >= n)) {
            throw failed(
                    "chose the candidate %d out of the pool of %d".formatted(negative.index(), n),
                    place);
        }
        if (!Double.isFinite(negative.score())
                || !Double.isFinite(negative.logWeight())
                || Double.isInfinite(negative.logQ())) {
            throw failed("gave a score or a weight that is not a finite number", place);
        }
    }

    private PlumblineException failed(String what, String place) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "SELECTOR_FAILED",
                "the selector plugin %s %s%s".formatted(selector, what, place),
                Map.of("selector", selector));
    }
}
