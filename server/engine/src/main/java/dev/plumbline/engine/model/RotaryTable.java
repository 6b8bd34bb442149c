package dev.plumbline.engine.model;

import dev.plumbline.engine.tensor.Tensor;
import java.util.Arrays;

/**
 * Cosines and sines of rotary positions (Su et al. 2021, arXiv 2104.09864).
 *
 * @param inverseFrequencies {@code head_dim / 2} of them
 * @param sections how many of them follow the temporal position, then the height, then the width
 *     ({@code mrope_section}); one number where there is one kind of position
 */
@SuppressWarnings("ArrayRecordComponent") // Read when a graph runs, compared by nobody.
public record RotaryTable(double[] inverseFrequencies, int[] sections) {
    public RotaryTable {
        if (Arrays.stream(sections).sum() != inverseFrequencies.length) {
            throw new IllegalArgumentException(
                    "sections %s of %d frequencies"
                            .formatted(Arrays.toString(sections), inverseFrequencies.length));
        }
    }

    /** Numbers a token: {@code head_dim / 2}. */
    public int width() {
        return inverseFrequencies.length;
    }

    /**
     * Writes the rows of some tokens, which may lie beyond the sequence.
     *
     * @param from first token
     * @param to after the last token
     * @param cos of at least {@code row + to - from} rows of {@link #width} numbers
     * @param sin likewise
     * @param row where the first token's numbers go
     */
    public void fill(TokenPositions positions, int from, int to, Tensor cos, Tensor sin, long row) {
        for (int token = from; token < to; token++) {
            long at = (row + token - from) * width();
            int axis = 0;
            int end = sections[0];
            for (int i = 0; i < width(); i++) {
                while (i >= end) {
                    axis++;
                    end += sections[axis];
                }
                // In float, as transformers multiplies them: the product decides the last digits.
                double angle = (float) inverseFrequencies[i] * (float) positions.at(axis, token);
                cos.setFloat(at + i, (float) Math.cos(angle));
                sin.setFloat(at + i, (float) Math.sin(angle));
            }
        }
    }
}
