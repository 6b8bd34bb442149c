package dev.plumbline.engine.data;

import java.util.List;

/**
 * Rows that were left out, as a plan tells them.
 *
 * @param first the first {@link #TOLD} of them
 */
public record SkippedRows(long total, List<UnusableRow> first) {
    /** As many are told by name. */
    public static final int TOLD = 20;

    public static final SkippedRows NONE = new SkippedRows(0, List.of());

    public SkippedRows {
        first = List.copyOf(first);
    }
}
