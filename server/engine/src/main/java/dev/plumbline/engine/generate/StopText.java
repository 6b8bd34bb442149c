package dev.plumbline.engine.generate;

import java.util.List;

/** Ends a growing text before the first stop text, holding back what may be the start of one. */
final class StopText {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean reached;

    StopText(List<String> stops) {
        this.stops = stops;
    }

    /** What may be shown of the text so far, and was not yet. */
    String push(String text) {
        held.append(text);
        int end = stops.stream().mapToInt(held::indexOf).filter(i -> i >= 0).min().orElse(-1);
        if (end >= 0) {
            reached = true;
            return take(end);
        }
        return take(held.length() - pending());
    }

    boolean reached() {
        return reached;
    }

    /** All that is left, at the end of the answer. */
    String finish() {
        return reached ? "" : take(held.length());
    }

    /** Length of the longest end of the text that is a beginning of a stop text. */
    private int pending() {
        int longest = 0;
        for (String stop : stops) {
            for (int n = Math.min(stop.length() - 1, held.length()); n > longest; n--) {
                if (held.substring(held.length() - n).equals(stop.substring(0, n))) {
                    longest = n;
                }
            }
        }
        return longest;
    }

    private String take(int length) {
        String text = held.substring(0, length);
        held.delete(0, length);
        return text;
    }
}
