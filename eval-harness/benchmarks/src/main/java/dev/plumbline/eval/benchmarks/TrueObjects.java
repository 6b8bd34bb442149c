package dev.plumbline.eval.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What is in each picture, by the objects' first names. */
public final class TrueObjects {
    private final Path file;
    private final Map<String, Set<String>> objects;

    private TrueObjects(Path file, Map<String, Set<String>> objects) {
        this.file = file;
        this.objects = objects;
    }

    /**
     * Reads one JSON object: a picture's name to a list of objects, or to an object with the list
     * {@code objects}. Other words of {@code synonyms} are taken for the object they name.
     */
    public static TrueObjects read(Path file, Synonyms synonyms) {
        JsonNode document = JsonRecords.document(file);
        if (!document.isObject()) {
            throw invalid(file, "", "must be one JSON object: {\"1.jpg\": [\"dog\"]}");
        }
        Map<String, Set<String>> objects = new LinkedHashMap<>();
        document.properties()
                .forEach(entry -> {
                    JsonNode value = entry.getValue();
                    JsonNode names = value.isObject() ? value.path("objects") : value;
                    objects.put(entry.getKey(), names(file, entry.getKey(), names, synonyms));
                });
        return new TrueObjects(file, objects);
    }

    private static Set<String> names(Path file, String picture, JsonNode names, Synonyms synonyms) {
        if (!names.isArray()) {
            throw invalid(file, picture, "must be a list of names, or {\"objects\": [names]}");
        }
        Set<String> objects = new LinkedHashSet<>();
        for (JsonNode name : names) {
            if (!name.isTextual()) {
                throw invalid(file, picture, "holds " + name + ", which is not a name");
            }
            objects.add(synonyms.object(name.textValue()));
        }
        return objects;
    }

    /**
     * The objects in a picture; there may be none.
     *
     * @throws EvaluationException where the file does not name the picture
     */
    public Set<String> in(String picture) {
        Set<String> found = objects.get(picture);
        if (found == null) {
            throw invalid(file, picture, "is missing, and there is a caption to score for it");
        }
        return found;
    }

    /** The names that no caption can be found to use, because {@code synonyms} lacks them. */
    Set<String> unknownTo(Synonyms synonyms) {
        Set<String> unknown = new TreeSet<>();
        objects.values().forEach(unknown::addAll);
        unknown.removeIf(synonyms::knows);
        return unknown;
    }

    private static EvaluationException invalid(Path file, String picture, String problem) {
        String where = file + (picture.isEmpty() ? " " : ": picture \"" + picture + "\" ");
        return new EvaluationException(
                EvaluationException.Code.INVALID_ARGUMENT,
                "TRUE_OBJECTS_INVALID",
                where + problem + ". Correct this file.",
                Map.of("file", file.toString(), "field", picture));
    }
}
