package dev.plumbline.eval.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The words that name objects, in CHAIR's format: a line an object, its name first, then other
 * words for it, separated by commas. A word on two lines belongs to the later one, as in the
 * original.
 */
public final class Synonyms {
    private static final int FLAGS = Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CHARACTER_CLASS;

    private final Map<String, String> objectOf;
    private final Pattern pattern;

    private Synonyms(Map<String, String> objectOf) {
        this.objectOf = objectOf;
        // Longer words first, so that a traffic light is one thing.
        String words =
                objectOf.keySet().stream()
                        .sorted(Comparator.comparingInt(String::length).reversed())
                        .map(Pattern::quote)
                        .collect(Collectors.joining("|"));
        this.pattern = Pattern.compile("\\b(?:" + words + ")\\b", FLAGS);
    }

    public static Synonyms read(Path file) {
        Map<String, String> objectOf = new LinkedHashMap<>();
        JsonRecords.text(file)
                .lines()
                .forEach(line -> {
                    List<String> words =
                            Arrays.stream(line.split(","))
                                    .map(word -> word.strip().toLowerCase(Locale.ROOT))
                                    .filter(word -> !word.isEmpty())
                                    .toList();
                    words.forEach(word -> objectOf.put(word, words.getFirst()));
                });
        if (objectOf.isEmpty()) {
            throw JsonRecords.invalid(
                    file,
                    "SYNONYMS_EMPTY",
                    file + " names no object. Write a line an object: dog, puppy");
        }
        return new Synonyms(objectOf);
    }

    /** All places where a text names an object, in order. */
    public List<Mention> mentions(String text) {
        List<Mention> mentions = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            mentions.add(new Mention(matcher.start(), matcher.end(), object(matcher.group())));
        }
        return mentions;
    }

    /** The objects a text names, each once. */
    public Set<String> objectsIn(String text) {
        return mentions(text).stream()
                .map(Mention::object)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** The object that a word names; the word itself where no line has it. */
    String object(String word) {
        String lower = word.strip().toLowerCase(Locale.ROOT);
        return objectOf.getOrDefault(lower, lower);
    }

    /** Whether a line has this word. */
    boolean knows(String word) {
        return objectOf.containsKey(word.strip().toLowerCase(Locale.ROOT));
    }
}
