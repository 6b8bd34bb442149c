package dev.plumbline.engine.model;

import java.util.List;

/**
 * Rotary positions of text and pictures (Wang et al. 2024, arXiv 2409.12191, §2.1), counted as
 * transformers' {@code get_rope_index} does: text counts on by one in all three; the tokens of a
 * picture share one temporal position and have their row and column besides; what follows a picture
 * goes on after its longer side.
 */
final class MultimodalPositions {
    private final int[] temporal;
    private final int[] height;
    private final int[] width;
    private int next;

    private MultimodalPositions(int length) {
        this.temporal = new int[length];
        this.height = new int[length];
        this.width = new int[length];
    }

    /**
     * @param pictures those whose image tokens stand in {@code ids}, in order
     */
    static TokenPositions of(List<Integer> ids, int imageTokenId, List<PictureGrid> pictures) {
        MultimodalPositions positions = new MultimodalPositions(ids.size());
        int picture = 0;
        int token = 0;
        while (token < ids.size()) {
            if (ids.get(token) == imageTokenId) {
                PictureGrid grid = pictures.get(picture++);
                positions.picture(token, grid);
                token += grid.tokens();
            } else {
                positions.set(token++, positions.next, positions.next, positions.next);
                positions.next++;
            }
        }
        return TokenPositions.of(
                positions.temporal, positions.height, positions.width, positions.next);
    }

    private void picture(int first, PictureGrid grid) {
        for (int row = 0; row < grid.rows(); row++) {
            for (int column = 0; column < grid.columns(); column++) {
                set(first + row * grid.columns() + column, next, next + row, next + column);
            }
        }
        next += Math.max(grid.rows(), grid.columns());
    }

    private void set(int token, int time, int row, int column) {
        temporal[token] = time;
        height[token] = row;
        width[token] = column;
    }
}
