package dev.plumbline.engine.bench;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What to measure and how often.
 *
 * @param model a Hugging Face folder
 * @param passes kinds of a training step's, separated by commas
 * @param numbers by their names on the command line
 */
record BenchmarkOptions(
        String table,
        Path model,
        Path cache,
        String precision,
        String passes,
        Map<String, Integer> numbers) {
    private static final Map<String, Integer> DEFAULTS =
            Map.ofEntries(
                    Map.entry("threads", 2),
                    Map.entry("repeats", 3),
                    Map.entry("prompt", 32),
                    Map.entry("tokens", 128),
                    Map.entry("batch", 8),
                    Map.entry("questions", 6),
                    Map.entry("side", 336),
                    Map.entry("negatives", 3),
                    Map.entry("rank", 8),
                    Map.entry("micro-batch", 0),
                    Map.entry("warm-steps", 1),
                    Map.entry("context", 0),
                    Map.entry("bandwidth", 0),
                    Map.entry("rows", 8),
                    Map.entry("row-batch", 1),
                    Map.entry("epochs", 1));

    static BenchmarkOptions parse(String... arguments) {
        if (arguments.length < 2 || arguments.length % 2 != 0) {
            throw new IllegalArgumentException(
                    "usage: TABLE MODEL [--cache FOLDER] [--precision P] [--repeats N ...]");
        }
        Map<String, Integer> numbers = new HashMap<>(DEFAULTS);
        Path model = Path.of(arguments[1]);
        Path cache = model.resolveSibling(model.getFileName() + "-cache");
        String precision = "fp32";
        String passes = "recompute,unit-weight";
        for (int i = 2; i < arguments.length; i += 2) {
            String name = arguments[i].replaceFirst("^--", "");
            String value = arguments[i + 1];
            switch (name) {
                case "cache" -> cache = Path.of(value);
                case "precision" -> precision = value;
                case "passes" -> passes = value;
                default -> {
                    if (!numbers.containsKey(name)) {
                        throw new IllegalArgumentException("no option --" + name);
                    }
                    numbers.put(name, Integer.valueOf(value));
                }
            }
        }
        return new BenchmarkOptions(arguments[0], model, cache, precision, passes, numbers);
    }

    int number(String name) {
        Integer value = numbers.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no option --" + name);
        }
        return value;
    }
}
