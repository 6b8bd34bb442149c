package dev.plumbline.engine.train;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.UnusableRow;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.expr.LossInput;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.RandomAccess;

/**
 * Tells the rows that a model cannot be trained on, whatever the loss: too long for its context, an
 * image token among the words, a picture that has gone or is of extreme proportions.
 *
 * @param usable the others, in their order
 */
public record RowCheck(List<PreferenceExample> usable, List<UnusableRow> unusable) {
    /** Reads every row, and the header of each of its pictures. */
    public static RowCheck of(
            LoadedModel model, List<PreferenceExample> rows, Cancellation cancellation) {
        var sequences = new RowSequences(model, EnumSet.of(LossInput.NEGATIVES));
        List<UnusableRow> unusable = new ArrayList<>();
        int[] usable = new int[rows.size()];
        int count = 0;
        for (int i = 0; i < rows.size(); i++) {
            cancellation.check();
            try {
                var _ = sequences.encode(rows.get(i));
                usable[count] = i;
                count++;
            } catch (PlumblineException e) {
                if (e.code() != ErrorCode.INVALID_ARGUMENT) {
                    throw e;
                }
                unusable.add(UnusableRow.of(e));
            }
        }
        return new RowCheck(
                unusable.isEmpty() ? rows : new Chosen(rows, Arrays.copyOf(usable, count)),
                unusable);
    }

    /** Some rows of a list, which reads them when they are asked for. */
    private static final class Chosen extends AbstractList<PreferenceExample>
            implements RandomAccess {
        private final List<PreferenceExample> rows;
        private final int[] chosen;

        Chosen(List<PreferenceExample> rows, int[] chosen) {
            this.rows = rows;
            this.chosen = chosen;
        }

        @Override
        public PreferenceExample get(int index) {
            return rows.get(chosen[index]);
        }

        @Override
        public int size() {
            return chosen.length;
        }
    }
}
