package dev.plumbline.eval.report;

import java.util.ArrayList;
import java.util.List;

/** Examples for a page, chosen by their place alone. */
final class Pick {
    private Pick() {}

    /** At most {@code count}, evenly spaced, in order. */
    static <T> List<T> evenly(List<T> all, int count) {
        if (all.size() <= count) {
            return List.copyOf(all);
        }
        List<T> picked = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            picked.add(all.get((int) ((long) i * all.size() / count)));
        }
        return picked;
    }
}
