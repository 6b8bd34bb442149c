package dev.plumbline.engine.graph;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A node's constants by name: {@code Long}, {@code Float}, {@code String} or {@code List<Long>}.
 */
public record Attributes(Map<String, Object> values) {
    public static final Attributes NONE = new Attributes(Map.of());

    public Attributes {
        values = Collections.unmodifiableMap(new TreeMap<>(values));
    }

    public static Attributes of(String name, Object value) {
        return new Attributes(Map.of(name, value));
    }

    public static Attributes of(String name, Object value, String name2, Object value2) {
        return new Attributes(Map.of(name, value, name2, value2));
    }

    /** A whole number, 0 where absent. */
    public long integer(String name) {
        return (long) values.getOrDefault(name, 0L);
    }

    public boolean flag(String name) {
        return integer(name) != 0;
    }

    public String text(String name) {
        return (String) Objects.requireNonNull(values.get(name), name);
    }

    @SuppressWarnings("unchecked")
    public List<Long> integers(String name) {
        return (List<Long>) Objects.requireNonNull(values.get(name), name);
    }
}
