package dev.plumbline.engine.model;

/**
 * How one picture stands among the tokens, row by row.
 *
 * @param rows of image tokens
 * @param columns of image tokens
 */
public record PictureGrid(int rows, int columns) {
    public PictureGrid {
        if (rows < 1 || columns < 1) {
            throw new IllegalArgumentException("a grid of " + rows + " x " + columns);
        }
    }

    /** Image tokens that the picture takes. */
    public int tokens() {
        return rows * columns;
    }
}
