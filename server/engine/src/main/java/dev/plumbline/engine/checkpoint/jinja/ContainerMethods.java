package dev.plumbline.engine.checkpoint.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Methods of dicts and lists that change nothing; the sandbox forbids the others. */
final class ContainerMethods {
    private ContainerMethods() {}

    static Optional<Callable> find(Map<?, ?> map, String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "items" -> arguments -> items(map);
                    case "keys" -> arguments -> new ArrayList<Object>(map.keySet());
                    case "values" -> arguments -> new ArrayList<Object>(map.values());
                    case "copy" -> arguments -> new LinkedHashMap<Object, Object>(map);
                    case "get" ->
                            arguments -> {
                                Object value = map.get(arguments.required(0, "key"));
                                return value == null
                                        ? arguments.get(1, "default").orElse(None.NONE)
                                        : value;
                            };
                    case "pop", "popitem", "update", "clear", "setdefault" -> refused(name);
                    default -> null;
                });
    }

    static List<Object> items(Map<?, ?> map) {
        List<Object> items = new ArrayList<>();
        map.forEach((key, value) -> items.add(Tuple.of(key, value)));
        return items;
    }

    static Optional<Callable> find(List<?> list, String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "copy" -> arguments -> new ArrayList<Object>(list);
                    case "count" -> arguments -> count(list, arguments.required(0, "value"));
                    case "index" -> arguments -> index(list, arguments.required(0, "value"));
                    case "append",
                            "extend",
                            "insert",
                            "pop",
                            "remove",
                            "reverse",
                            "sort",
                            "clear" ->
                            refused(name);
                    default -> null;
                });
    }

    private static Callable refused(String name) {
        return arguments -> {
            throw JinjaException.failed(
                    "'" + name + "' would change what the template was given; it is not allowed");
        };
    }

    private static long count(List<?> list, Object value) {
        return list.stream().filter(element -> Values.equal(element, value)).count();
    }

    private static long index(List<?> list, Object value) {
        for (int i = 0; i < list.size(); i++) {
            if (Values.equal(list.get(i), value)) {
                return i;
            }
        }
        throw JinjaException.failed(Printer.represent(value) + " is not in the list");
    }
}
