package dev.plumbline.server.store;

import java.util.List;
import java.util.Objects;

/**
 * How the rows of a data file are read.
 *
 * @param format name of a data format; empty to tell it from the content
 * @param images folder on this machine that paths of pictures are relative to; empty for the file's
 * @param onBadRow what becomes of the data set where a row cannot be used
 */
public record RowsChoice(String format, String images, String onBadRow) {
    public static final String SKIP = "skip";

    /** The first is the default. */
    public static final List<String> ON_BAD_ROW = List.of("stop", SKIP);

    public static final RowsChoice DEFAULT = new RowsChoice("", "", ON_BAD_ROW.getFirst());

    /** What was written before there was a choice has none. */
    static RowsChoice orDefault(RowsChoice written) {
        return Objects.requireNonNullElse(written, DEFAULT);
    }

    public boolean skips() {
        return onBadRow.equals(SKIP);
    }

    /** Where nothing is said, as the other has it. */
    public RowsChoice or(RowsChoice other) {
        return new RowsChoice(
                format.isEmpty() ? other.format : format,
                images.isEmpty() ? other.images : images,
                onBadRow);
    }
}
