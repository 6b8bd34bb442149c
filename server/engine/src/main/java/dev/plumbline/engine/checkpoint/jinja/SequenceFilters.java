package dev.plumbline.engine.checkpoint.jinja;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Jinja's filters of sequences. */
final class SequenceFilters {
    private static final Map<String, Filters.Filter> ALL = new HashMap<>();

    static {
        ALL.put("first", (value, a) -> end(value, true));
        ALL.put("last", (value, a) -> end(value, false));
        ALL.put("list", (value, a) -> new ArrayList<>(Values.iterate(value)));
        ALL.put("reverse", (value, a) -> Attributes.reversed(value));
        ALL.put("join", SequenceFilters::join);
        ALL.put("items", (value, a) -> items(value));
        ALL.put("map", SequenceFilters::map);
        ALL.put("select", (value, a) -> select(value, a, true, false));
        ALL.put("reject", (value, a) -> select(value, a, false, false));
        ALL.put("selectattr", (value, a) -> select(value, a, true, true));
        ALL.put("rejectattr", (value, a) -> select(value, a, false, true));
        ALL.put("sort", SequenceFilters::sort);
        ALL.put("dictsort", SequenceFilters::dictSort);
        ALL.put("unique", SequenceFilters::unique);
        ALL.put("sum", SequenceFilters::sum);
        ALL.put("min", (value, a) -> extreme(value, a, Values.order().reversed()));
        ALL.put("max", (value, a) -> extreme(value, a, Values.order()));
        ALL.put("batch", SequenceFilters::batch);
    }

    private SequenceFilters() {}

    static Optional<Filters.Filter> find(String name) {
        return Optional.ofNullable(ALL.get(name));
    }

    private static Object end(Object value, boolean first) {
        if (!first && value instanceof Generator) {
            throw JinjaException.failed("'generator' object is not reversible");
        }
        List<Object> elements = Values.iterate(value);
        if (elements.isEmpty()) {
            return new Undefined("No " + (first ? "first" : "last") + " item, sequence was empty.");
        }
        return first ? elements.getFirst() : elements.getLast();
    }

    private static Object join(Object value, Arguments arguments) {
        UnaryOperator<Object> attribute = attribute(arguments.get(1, "attribute"));
        String separator = arguments.get(0, "d").map(Printer::text).orElse("");
        return String.join(
                separator,
                Values.iterate(value).stream().map(attribute).map(Printer::text).toList());
    }

    private static Object items(Object value) {
        return switch (value) {
            case Undefined undefined -> List.of();
            case Map<?, ?> map -> ContainerMethods.items(map);
            default -> throw JinjaException.failed("Can only get item pairs from a mapping.");
        };
    }

    private static UnaryOperator<Object> attribute(Optional<Object> path) {
        return attribute(path, Optional.empty());
    }

    /**
     * An attribute, or a path of attributes and indices with dots, of each element; the fallback
     * stands for every part of the path that is missing.
     */
    private static UnaryOperator<Object> attribute(
            Optional<Object> path, Optional<Object> fallback) {
        if (path.isEmpty() || path.get() == None.NONE) {
            return UnaryOperator.identity();
        }
        List<Object> parts =
                path.get() instanceof String text
                        ? Stream.of(text.split("\\.", -1)).map(SequenceFilters::part).toList()
                        : List.of(path.get());
        return element -> {
            Object value = element;
            for (Object part : parts) {
                value = Attributes.subscript(value, part);
                value = value instanceof Undefined ? fallback.orElse(value) : value;
            }
            return value;
        };
    }

    private static Object part(String text) {
        boolean index = !text.isEmpty() && text.chars().allMatch(Character::isDigit);
        return index ? (Object) Long.valueOf(text) : text;
    }

    private static Object map(Object value, Arguments arguments) {
        UnaryOperator<Object> change;
        if (arguments.positional().isEmpty()) {
            change =
                    attribute(
                            Optional.of(arguments.required(0, "attribute")),
                            Optional.ofNullable(arguments.named().get("default")));
        } else {
            String name = arguments.text(0, "filter");
            change = element -> Filters.apply(name, element, arguments.withoutFirst(1));
        }
        return new Generator(Values.iterate(value).stream().map(change).toList());
    }

    private static Object select(
            Object value, Arguments arguments, boolean kept, boolean byAttribute) {
        int used = byAttribute ? 1 : 0;
        UnaryOperator<Object> subject =
                byAttribute
                        ? attribute(Optional.of(arguments.required(0, "attribute")))
                        : UnaryOperator.identity();
        Optional<String> test = arguments.optionalText(used, "test");
        Arguments rest = arguments.withoutFirst(used + 1);
        List<Object> chosen = new ArrayList<>();
        for (Object element : Values.iterate(value)) {
            Object tested = subject.apply(element);
            boolean holds =
                    test.map(name -> Tests.apply(name, tested, rest))
                            .orElseGet(() -> Values.truth(tested));
            if (holds == kept) {
                chosen.add(element);
            }
        }
        return new Generator(chosen);
    }

    private static Object fold(Object value, boolean caseSensitive) {
        return !caseSensitive && value instanceof String text
                ? text.toLowerCase(Locale.ROOT)
                : value;
    }

    private static Object sort(Object value, Arguments arguments) {
        boolean caseSensitive = arguments.truth(1, "case_sensitive", false);
        UnaryOperator<Object> attribute = attribute(arguments.get(2, "attribute"));
        Comparator<Object> order =
                Comparator.comparing(
                        element -> fold(attribute.apply(element), caseSensitive), Values.order());
        List<Object> sorted = new ArrayList<>(Values.iterate(value));
        sorted.sort(arguments.truth(0, "reverse", false) ? order.reversed() : order);
        return sorted;
    }

    private static Object dictSort(Object value, Arguments arguments) {
        if (!(value instanceof Map<?, ?> map)) {
            throw Values.wrongType("a dict", value);
        }
        boolean caseSensitive = arguments.truth(0, "case_sensitive", false);
        int by = arguments.optionalText(1, "by").orElse("key").equals("value") ? 1 : 0;
        Comparator<Object> order =
                Comparator.comparing(
                        item -> fold(((Tuple) item).get(by), caseSensitive), Values.order());
        List<Object> items = ContainerMethods.items(map);
        items.sort(arguments.truth(2, "reverse", false) ? order.reversed() : order);
        return items;
    }

    private static Object unique(Object value, Arguments arguments) {
        boolean caseSensitive = arguments.truth(0, "case_sensitive", false);
        UnaryOperator<Object> attribute = attribute(arguments.get(1, "attribute"));
        List<Object> seen = new ArrayList<>();
        List<Object> chosen = new ArrayList<>();
        for (Object element : Values.iterate(value)) {
            Object key = fold(attribute.apply(element), caseSensitive);
            if (!Values.contains(seen, key)) {
                seen.add(key);
                chosen.add(element);
            }
        }
        return new Generator(chosen);
    }

    private static Object sum(Object value, Arguments arguments) {
        UnaryOperator<Object> attribute = attribute(arguments.get(0, "attribute"));
        Object sum = arguments.get(1, "start").orElse(0L);
        for (Object element : Values.iterate(value)) {
            sum = Operators.apply("+", sum, attribute.apply(element));
        }
        return sum;
    }

    private static Object extreme(Object value, Arguments arguments, Comparator<Object> order) {
        boolean caseSensitive = arguments.truth(0, "case_sensitive", false);
        UnaryOperator<Object> attribute = attribute(arguments.get(1, "attribute"));
        Object best = null;
        for (Object element : Values.iterate(value)) {
            Object key = fold(attribute.apply(element), caseSensitive);
            if (best == null
                    || order.compare(key, fold(attribute.apply(best), caseSensitive)) > 0) {
                best = element;
            }
        }
        return best == null ? new Undefined("No aggregated item, sequence was empty.") : best;
    }

    private static Object batch(Object value, Arguments arguments) {
        int size = Math.max(1, Values.asIndex(arguments.required(0, "linecount")));
        List<Object> elements = Values.iterate(value);
        List<Object> batches = new ArrayList<>();
        for (int i = 0; i < elements.size(); i += size) {
            List<Object> batch =
                    new ArrayList<>(elements.subList(i, Math.min(elements.size(), i + size)));
            Optional<Object> fill = arguments.get(1, "fill_with").filter(f -> f != None.NONE);
            while (fill.isPresent() && batch.size() < size) {
                batch.add(fill.get());
            }
            batches.add(batch);
        }
        return new Generator(batches);
    }
}
