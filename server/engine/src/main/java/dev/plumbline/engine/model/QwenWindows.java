package dev.plumbline.engine.model;

import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.Map;

/**
 * Where the image tokens and patches of one picture stand when they are sorted by window: windows
 * row by row, in a window its tokens row by row, of a token its patches row by row. All windows get
 * as many places as the largest has patches; those at the border of a picture leave some empty.
 */
final class QwenWindows {
    private final int columns;
    private final int merge;
    private final int count;
    private final int places;
    private final int[] tokens;
    private final long[] rows;
    private final int[] mask;
    private final long[] placeOfPatch;

    /**
     * @param grid of image tokens
     * @param window image tokens along the side of a window
     * @param merge patches along the side of an image token
     */
    QwenWindows(PictureGrid grid, int window, int merge) {
        this.columns = grid.columns();
        this.merge = merge;
        int unit = merge * merge;
        this.count = Math.ceilDiv(grid.rows(), window) * Math.ceilDiv(grid.columns(), window);
        this.places = Math.min(window, grid.rows()) * Math.min(window, grid.columns()) * unit;
        this.tokens = new int[grid.tokens()];
        this.rows = new long[count * places];
        this.mask = new int[count * places];
        this.placeOfPatch = new long[grid.tokens() * unit];
        int token = 0;
        int index = 0;
        for (int top = 0; top < grid.rows(); top += window) {
            for (int left = 0; left < grid.columns(); left += window) {
                int first = token;
                for (int row = top; row < Math.min(top + window, grid.rows()); row++) {
                    for (int column = left; column < Math.min(left + window, columns); column++) {
                        tokens[token++] = row * columns + column;
                    }
                }
                place(index++, first * unit, token * unit);
            }
        }
    }

    /** Gives the patches of one window its first places. */
    private void place(int window, int from, int to) {
        int place = window * places;
        for (int patch = from; patch < to; patch++) {
            rows[place] = patch;
            mask[place] = 1;
            placeOfPatch[patch] = place++;
        }
    }

    /** The row of patches of a patch, counted among those sorted by window. */
    int row(int patch) {
        return tokens[patch / (merge * merge)] / columns * merge + patch / merge % merge;
    }

    /** Its column of patches. */
    int column(int patch) {
        return tokens[patch / (merge * merge)] % columns * merge + patch % merge;
    }

    int patches() {
        return placeOfPatch.length;
    }

    /** The graph's inputs, by name; see {@link QwenVisionTower}. */
    Map<String, Tensor> inputs() {
        long[] order = new long[tokens.length];
        long[] inverse = new long[tokens.length];
        for (int place = 0; place < tokens.length; place++) {
            order[place] = tokens[place];
            inverse[tokens[place]] = place;
        }
        return Map.of(
                QwenVisionTower.WINDOW_ORDER,
                Tensor.of(Shape.of(order.length), order),
                QwenVisionTower.TOKEN_ORDER,
                Tensor.of(Shape.of(inverse.length), inverse),
                QwenVisionTower.WINDOW_ROWS,
                Tensor.of(Shape.of(count, places), rows),
                QwenVisionTower.WINDOW_MASK,
                Tensor.ofInts(Shape.of(count, places), mask),
                QwenVisionTower.PATCH_PLACES,
                Tensor.of(Shape.of(placeOfPatch.length), placeOfPatch));
    }
}
