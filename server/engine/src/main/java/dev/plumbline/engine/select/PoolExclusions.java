package dev.plumbline.engine.select;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Pictures that must not be in a pool, such as a benchmark's. A COCO id in any of its spellings
 * ({@code 391895}, {@code 000000391895.jpg}, {@code COCO_val2014_000000391895}) means all others.
 */
final class PoolExclusions {
    private static final Pattern NUMBER = Pattern.compile("(?:COCO_[a-z]+\\d{4}_)?0*(\\d{1,12})");

    private final Set<String> keys = new HashSet<>();

    PoolExclusions(Collection<String> ids) {
        ids.stream().filter(id -> !id.isBlank()).forEach(id -> keys.add(key(id.strip())));
    }

    /**
     * One id a line, or a JSON list of ids.
     *
     * @throws PlumblineException {@code EXCLUDE_FILE_UNREADABLE}
     */
    static List<String> read(Path file) {
        try {
            String text = Files.readString(file);
            if (!text.stripLeading().startsWith("[")) {
                return text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
            }
            List<String> ids = new ArrayList<>();
            for (JsonNode id : new ObjectMapper().readTree(text)) {
                ids.add(id.asText());
            }
            return ids;
        } catch (JsonProcessingException e) {
            throw unreadable(file, "is not a JSON list", e);
        } catch (IOException e) {
            throw unreadable(file, "cannot be read", e);
        }
    }

    boolean contains(String id) {
        return keys.contains(key(id)) || keys.contains(id);
    }

    boolean isEmpty() {
        return keys.isEmpty();
    }

    /** The COCO number where the name is one, else the name itself. */
    private static String key(String id) {
        int slash = Math.max(id.lastIndexOf('/'), id.lastIndexOf('\\'));
        String name = id.substring(slash + 1);
        int dot = name.lastIndexOf('.');
        Matcher matcher = NUMBER.matcher(dot > 0 ? name.substring(0, dot) : name);
        return matcher.matches() ? matcher.group(1) : id;
    }

    private static PlumblineException unreadable(Path file, String what, IOException cause) {
        return PlumblineException.invalid(
                        "exclude_file",
                        "EXCLUDE_FILE_UNREADABLE",
                        file + " " + what,
                        Map.of("file", file.toString()))
                .causedBy(cause);
    }
}
