package dev.plumbline.eval.benchmarks;

import dev.plumbline.eval.benchmarks.Metric.Better;
import dev.plumbline.eval.benchmarks.Metric.Unit;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * CHAIR (Rohrbach et al., 2018, arXiv 1809.02156) on plain captions: an object counts once a
 * caption, whatever words name it. {@code chair_s}: captions with a wrong object; {@code chair_i}:
 * wrong ones among the objects named; {@code recall}: true objects that are named; {@code words}:
 * mean length of a caption.
 */
public final class ChairScorer {
    private static final List<String> COLUMNS =
            List.of("captions", "captions_with_wrong", "named", "wrong", "objects", "words");
    private static final String NO_CAPTIONS = "there are no captions";

    private ChairScorer() {}

    /**
     * Scores a caption for each question.
     *
     * @param captions from a question to the caption it got
     */
    public static Scorecard score(ChairSet set, Function<Question, String> captions) {
        PictureCounts counts = new PictureCounts(COLUMNS);
        for (Question question : set.questions()) {
            String caption = captions.apply(question);
            Set<String> named = set.synonyms().objectsIn(caption);
            Set<String> wrong = set.wrongObjects(question.image(), caption);
            int objects = set.truth().in(question.image()).size();
            counts.add(
                    question.image(),
                    1,
                    wrong.isEmpty() ? 0 : 1,
                    named.size(),
                    wrong.size(),
                    objects,
                    words(caption));
        }
        return new Scorecard(counts, metrics());
    }

    private static List<Metric> metrics() {
        return List.of(
                new Metric(
                        "chair_s",
                        Better.LOWER,
                        Unit.FRACTION,
                        n -> Figure.ratio(n[1], n[0], NO_CAPTIONS)),
                new Metric(
                        "chair_i",
                        Better.LOWER,
                        Unit.FRACTION,
                        n -> Figure.ratio(n[3], n[2], "no caption names an object")),
                new Metric(
                        "recall",
                        Better.HIGHER,
                        Unit.FRACTION,
                        n -> Figure.ratio(n[2] - n[3], n[4], "no picture has an object")),
                new Metric(
                        "words",
                        Better.NEITHER,
                        Unit.WORDS,
                        n -> Figure.ratio(n[5], n[0], NO_CAPTIONS)));
    }

    private static long words(String caption) {
        String stripped = caption.strip();
        return stripped.isEmpty() ? 0 : stripped.split("\\s+").length;
    }
}
