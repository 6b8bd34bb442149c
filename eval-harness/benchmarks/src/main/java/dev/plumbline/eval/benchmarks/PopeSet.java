package dev.plumbline.eval.benchmarks;

import java.util.List;

/**
 * The questions of one POPE file.
 *
 * @param setting {@code random}, {@code popular} or {@code adversarial}; empty where the file's
 *     name says none
 */
public record PopeSet(String setting, List<PopeItem> items) {
    public PopeSet {
        items = List.copyOf(items);
    }
}
