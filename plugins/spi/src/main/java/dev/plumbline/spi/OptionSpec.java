package dev.plumbline.spi;

import java.util.List;

/**
 * An option that a plugin takes.
 *
 * @param name lower snake case, such as {@code beta}
 * @param minimum least value of a number or an integer, inclusive
 * @param maximum greatest value of a number or an integer, inclusive
 * @param choices the values of a choice, empty otherwise
 * @param help one sentence for users
 */
public record OptionSpec(
        String name,
        Type type,
        String defaultValue,
        double minimum,
        double maximum,
        List<String> choices,
        String help) {
    /** What values an option takes. */
    public enum Type {
        NUMBER,
        INTEGER,
        TEXT,
        CHOICE
    }

    public OptionSpec {
        choices = List.copyOf(choices);
        if (!name.matches("[a-z][a-z0-9_]*")) {
            throw new IllegalArgumentException("an option's name is lower snake case: " + name);
        }
    }

    public static OptionSpec number(
            String name, double defaultValue, double minimum, double maximum, String help) {
        return new OptionSpec(
                name,
                Type.NUMBER,
                Double.toString(defaultValue),
                minimum,
                maximum,
                List.of(),
                help);
    }

    public static OptionSpec integer(
            String name, int defaultValue, int minimum, int maximum, String help) {
        return new OptionSpec(
                name,
                Type.INTEGER,
                Integer.toString(defaultValue),
                minimum,
                maximum,
                List.of(),
                help);
    }

    public static OptionSpec text(String name, String defaultValue, String help) {
        return new OptionSpec(
                name,
                Type.TEXT,
                defaultValue,
                Double.NEGATIVE_INFINITY,
                Double.POSITIVE_INFINITY,
                List.of(),
                help);
    }

    /** The first choice is the default. */
    public static OptionSpec choice(String name, List<String> choices, String help) {
        return new OptionSpec(
                name,
                Type.CHOICE,
                choices.getFirst(),
                Double.NEGATIVE_INFINITY,
                Double.POSITIVE_INFINITY,
                choices,
                help);
    }
}
