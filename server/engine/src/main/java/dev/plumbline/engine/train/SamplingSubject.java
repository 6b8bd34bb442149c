package dev.plumbline.engine.train;

import dev.plumbline.engine.data.PreferenceExample;
import java.nio.file.Path;
import java.util.List;

/**
 * A row, the candidates that its negatives would come from, and what selectors think of them.
 *
 * @param candidates pictures
 * @param selectors with one score a candidate each
 */
public record SamplingSubject(
        PreferenceExample row, List<Path> candidates, List<SamplingScores> selectors) {
    public SamplingSubject {
        candidates = List.copyOf(candidates);
        selectors = List.copyOf(selectors);
        for (SamplingScores scores : selectors) {
            if (scores.scores().length != candidates.size()) {
                throw new IllegalArgumentException(
                        "%d scores of %s for %d candidates"
                                .formatted(
                                        scores.scores().length,
                                        scores.selector(),
                                        candidates.size()));
            }
        }
    }
}
