package dev.plumbline.eval.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Captions to ask for, and what they are judged by. */
public record ChairSet(List<Question> questions, TrueObjects truth, Synonyms synonyms) {
    public ChairSet {
        questions = List.copyOf(questions);
    }

    /**
     * Reads lines {@code {"image", "text"}} and their truth.
     *
     * @param data the file of captions to ask for, or a folder with {@code captions.jsonl}
     * @param objects null for {@code objects.json} beside the captions
     * @param synonyms null for {@code synonyms.txt} beside the captions, or one folder up
     */
    public static ChairSet read(Path data, @Nullable Path objects, @Nullable Path synonyms) {
        Path file = Files.isDirectory(data) ? data.resolve("captions.jsonl") : data;
        Path beside = file.resolveSibling("synonyms.txt");
        Path above = file.toAbsolutePath().resolveSibling("..").resolve("synonyms.txt").normalize();
        Path usual = Files.exists(beside) || !Files.exists(above) ? beside : above;
        Synonyms words = Synonyms.read(synonyms == null ? usual : synonyms);
        TrueObjects truth =
                TrueObjects.read(
                        objects == null ? file.resolveSibling("objects.json") : objects, words);
        List<Question> questions =
                JsonRecords.read(file).stream()
                        .map(line -> new Question(line.text("image"), line.text("text")))
                        .toList();
        questions.forEach(question -> truth.in(question.image()));
        return new ChairSet(questions, truth, words);
    }

    /** True objects that the synonyms lack: they count as missed in every caption. */
    public Set<String> unknownObjects() {
        return truth.unknownTo(synonyms);
    }

    /** The objects a caption names that are not in the picture. */
    public Set<String> wrongObjects(String image, String caption) {
        Set<String> wrong = new LinkedHashSet<>(synonyms.objectsIn(caption));
        wrong.removeAll(truth.in(image));
        return wrong;
    }
}
