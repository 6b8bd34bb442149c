package dev.plumbline.engine.checkpoint.jinja;

import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Functions that every template may call. */
final class Globals {
    /** As in Jinja's sandbox. */
    private static final long MAXIMUM_RANGE = 100_000;

    private Globals() {}

    static Scope scope(Clock clock) {
        Scope scope = new Scope(null);
        scope.set("range", (Callable) Globals::range);
        scope.set("dict", (Callable) Globals::dict);
        scope.set("namespace", (Callable) Globals::namespace);
        scope.set("raise_exception", (Callable) Globals::raise);
        scope.set(
                "strftime_now",
                (Callable)
                        arguments ->
                                TimeFormat.format(
                                        arguments.text(0, "format"), ZonedDateTime.now(clock)));
        return scope;
    }

    private static Object range(Arguments arguments) {
        int count = arguments.positional().size();
        long first = Values.asInteger(arguments.required(0, "start"));
        long start = count > 1 ? first : 0;
        long stop = count > 1 ? arguments.integer(1, "stop", 0) : first;
        long step = arguments.integer(2, "step", 1);
        if (step == 0) {
            throw JinjaException.failed("range() arg 3 must not be zero");
        }
        List<Object> numbers = new ArrayList<>();
        for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
            if (numbers.size() == MAXIMUM_RANGE) {
                throw JinjaException.failed("a range of more than " + MAXIMUM_RANGE + " numbers");
            }
            numbers.add(i);
        }
        return numbers;
    }

    private static Map<Object, Object> dict(Arguments arguments) {
        Map<Object, Object> dict = new LinkedHashMap<>();
        arguments
                .get(0, "")
                .ifPresent(source -> {
                    if (source instanceof Map<?, ?> map) {
                        dict.putAll(map);
                        return;
                    }
                    for (Object pair : Values.iterate(source)) {
                        List<Object> parts = Values.iterate(pair);
                        dict.put(parts.getFirst(), parts.getLast());
                    }
                });
        dict.putAll(arguments.named());
        return dict;
    }

    private static Object namespace(Arguments arguments) {
        Map<String, Object> attributes = new LinkedHashMap<>();
        dict(arguments).forEach((key, value) -> attributes.put(Values.asText(key), value));
        return new Namespace(attributes);
    }

    private static Object raise(Arguments arguments) {
        throw new JinjaException(
                JinjaException.Kind.RAISED, 0, Printer.text(arguments.required(0, "message")));
    }
}
