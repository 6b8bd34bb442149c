package dev.plumbline.eval.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads POPE's questions: {@code question_id, image, text, label}, as JSON Lines (also under the
 * name {@code .json}, as published) or as a JSON array (the SEEM variants).
 */
public final class PopeReader {
    private static final List<String> SETTINGS = List.of("random", "popular", "adversarial");
    private static final Pattern NAME =
            Pattern.compile(
                    "(?:.*_)?pope_(?:.*_)?(random|popular|adversarial)\\.jsonl?",
                    Pattern.CASE_INSENSITIVE);

    private PopeReader() {}

    /**
     * One set from a file; from a folder a set for each setting that has a file there, in the order
     * random, popular, adversarial.
     */
    public static List<PopeSet> read(Path path) {
        return Files.isDirectory(path) ? folder(path) : List.of(set(path));
    }

    private static List<PopeSet> folder(Path folder) {
        List<PopeSet> sets = new ArrayList<>();
        for (String setting : SETTINGS) {
            List<Path> files =
                    list(folder).stream().filter(file -> setting(file).equals(setting)).toList();
            if (files.size() > 1) {
                throw JsonRecords.invalid(
                        folder,
                        "POPE_FOLDER_AMBIGUOUS",
                        folder
                                + " has several files for "
                                + setting
                                + ": "
                                + files
                                + ". Give one file instead.");
            }
            files.forEach(file -> sets.add(set(file)));
        }
        if (sets.isEmpty()) {
            throw JsonRecords.invalid(
                    folder,
                    "POPE_FOLDER_EMPTY",
                    folder
                            + " has no pope_{random,popular,adversarial}.jsonl and no coco_pope_*.json. Give a file.");
        }
        return sets;
    }

    private static List<Path> list(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw JsonRecords.invalid(
                    folder,
                    "BENCHMARK_FILE_UNREADABLE",
                    folder + " cannot be read: " + e.getMessage());
        }
    }

    private static String setting(Path file) {
        Matcher matcher = NAME.matcher(String.valueOf(file.getFileName()));
        return matcher.matches() ? matcher.group(1).toLowerCase(Locale.ROOT) : "";
    }

    private static PopeSet set(Path file) {
        List<PopeItem> items = new ArrayList<>();
        for (JsonRecord line : JsonRecords.read(file)) {
            long id = line.integer("question_id", items.size() + 1L);
            items.add(
                    new PopeItem(
                            id, new Question(line.text("image"), line.text("text")), label(line)));
        }
        return new PopeSet(setting(file), items);
    }

    /**
     * The official script takes any label but "no" for a yes, so that "No" scores the wrong way
     * round; we refuse it.
     */
    private static boolean label(JsonRecord line) {
        return switch (line.text("label")) {
            case "yes" -> true;
            case "no" -> false;
            default ->
                    throw line.invalid(
                            "label", "must be \"yes\" or \"no\", not " + line.node().get("label"));
        };
    }
}
