package dev.plumbline.engine.score;

import java.util.ArrayList;
import java.util.List;

/**
 * One row of a batch: what its sequences begin with, once, and then what each of them has of its
 * own, one after another. An attention bias keeps each from seeing the others, and positions are
 * counted on from the shared beginning, so that every token sees and stands where it would in a row
 * of its own.
 *
 * @param shared tokens that all sequences begin with; of a single sequence, all
 * @param sequences of the same pictures, in order
 */
record AnswerRow(int shared, List<AnswerSequence> sequences) {
    /**
     * A sequence that joins a row saves its beginning, and lengthens the row by its own end, which
     * every other row of the batch is padded to: those are about as many as a preference example
     * has negatives, and one more.
     */
    private static final int WORTH = 4;

    AnswerRow {
        sequences = List.copyOf(sequences);
    }

    /**
     * Neighbors that begin alike, and have the very same pictures, together where that saves work.
     *
     * @param most sequences a row
     */
    static List<AnswerRow> of(List<AnswerSequence> sequences, int most) {
        List<AnswerRow> rows = new ArrayList<>();
        for (AnswerSequence sequence : sequences) {
            if (!rows.isEmpty() && rows.getLast().welcomes(sequence, most)) {
                rows.add(rows.removeLast().with(sequence));
            } else {
                rows.add(new AnswerRow(sequence.answer().length(), List.of(sequence)));
            }
        }
        return rows;
    }

    /** Tokens of the row. */
    int length() {
        return end(sequences.size() - 1);
    }

    /** Where in the row a token of one of the sequences stands. */
    int place(int sequence, int token) {
        return token < shared ? token : start(sequence) + token - shared;
    }

    /** Where in the row a sequence's own part begins. */
    int start(int sequence) {
        return sequence == 0 ? shared : end(sequence - 1);
    }

    /** After a sequence's own part. */
    int end(int sequence) {
        int end = shared;
        for (AnswerSequence one : sequences.subList(0, sequence + 1)) {
            end += one.answer().length() - shared;
        }
        return end;
    }

    private boolean welcomes(AnswerSequence sequence, int most) {
        if (sequences.size() == most
                || sequences.getFirst().key() != sequence.key()
                || !samePictures(sequences.getFirst(), sequence)) {
            return false;
        }
        AnswerRow joined = with(sequence);
        int added = joined.length() - length();
        // The scores of attention grow with the square of a row's length.
        return sequence.answer().length() - added >= WORTH * added
                && joined.length() <= 2 * joined.shared()
                && joined.sequences().stream().allMatch(joined::sharesPictures);
    }

    private boolean sharesPictures(AnswerSequence sequence) {
        List<Integer> places = sequence.answer().sequence().imagePositions();
        return places.isEmpty() || places.getLast() < shared;
    }

    private AnswerRow with(AnswerSequence sequence) {
        List<Integer> ours = sequences.getFirst().answer().sequence().ids();
        List<Integer> others = sequence.answer().sequence().ids();
        int common = 0;
        int most = Math.min(shared, others.size());
        while (common < most && ours.get(common).equals(others.get(common))) {
            common++;
        }
        List<AnswerSequence> all = new ArrayList<>(sequences);
        all.add(sequence);
        return new AnswerRow(common, all);
    }

    /** The same tensors: equal ones would have to be compared, and come from one cache anyway. */
    private static boolean samePictures(AnswerSequence a, AnswerSequence b) {
        boolean same = a.features().size() == b.features().size();
        for (int i = 0; same && i < a.features().size(); i++) {
            same = a.features().get(i) == b.features().get(i);
        }
        return same;
    }
}
