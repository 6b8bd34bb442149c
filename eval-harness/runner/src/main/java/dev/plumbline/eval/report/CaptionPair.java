package dev.plumbline.eval.report;

import dev.plumbline.eval.runner.Evaluation;
import dev.plumbline.eval.runner.JudgedAnswer;
import dev.plumbline.eval.runner.JudgedAnswer.Caption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One picture's caption before and after. */
public record CaptionPair(Path image, Caption before, Caption after) {

    /**
     * Chooses examples, each picture once: half with a wrong object before or after, half without,
     * each evenly spaced over the benchmark; where one kind is short, the other fills up.
     *
     * @param images the folder of the pictures
     */
    public static List<CaptionPair> choose(
            Evaluation before, Evaluation after, Path images, int count) {
        List<CaptionPair> wrong = new ArrayList<>();
        List<CaptionPair> clean = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (CaptionPair pair : pairs(before, after, images)) {
            (pair.before().right() && pair.after().right() ? clean : wrong).add(pair);
        }
        List<CaptionPair> wrongOnce =
                wrong.stream().filter(p -> seen.add(p.before().question().image())).toList();
        List<CaptionPair> cleanOnce =
                clean.stream().filter(p -> seen.add(p.before().question().image())).toList();
        int half = Math.max(count / 2, count - cleanOnce.size());
        List<CaptionPair> chosen = new ArrayList<>(Pick.evenly(wrongOnce, half));
        chosen.addAll(Pick.evenly(cleanOnce, count - chosen.size()));
        chosen.sort(Comparator.comparing(pair -> pair.before().question().image()));
        return chosen;
    }

    private static List<CaptionPair> pairs(Evaluation before, Evaluation after, Path images) {
        List<CaptionPair> pairs = new ArrayList<>();
        for (int i = 0; i < before.answers().size(); i++) {
            JudgedAnswer old = before.answers().get(i);
            JudgedAnswer now = after.answers().get(i);
            if (!old.question().equals(now.question())) {
                throw new IllegalArgumentException(
                        "before and after must hold the same questions in the same order");
            }
            if (old instanceof Caption first && now instanceof Caption second) {
                pairs.add(new CaptionPair(images.resolve(old.question().image()), first, second));
            }
        }
        return pairs;
    }
}
