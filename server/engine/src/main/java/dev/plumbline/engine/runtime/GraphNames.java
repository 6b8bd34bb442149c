package dev.plumbline.engine.runtime;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The names of a graph's inputs or outputs, in order, with the C strings made once. */
final class GraphNames {
    private final String kind;
    private final Map<String, MemorySegment> strings;
    private final List<String> names;

    private GraphNames(String kind, Map<String, MemorySegment> strings) {
        this.kind = kind;
        this.strings = strings;
        names = List.copyOf(strings.keySet());
    }

    static GraphNames inputs(Environment environment, MemorySegment session) {
        return read(
                "input",
                environment,
                session,
                OrtFunction.SESSION_GET_INPUT_COUNT,
                OrtFunction.SESSION_GET_INPUT_NAME);
    }

    static GraphNames outputs(Environment environment, MemorySegment session) {
        return read(
                "output",
                environment,
                session,
                OrtFunction.SESSION_GET_OUTPUT_COUNT,
                OrtFunction.SESSION_GET_OUTPUT_NAME);
    }

    List<String> names() {
        return names;
    }

    int count() {
        return names.size();
    }

    /** Refuses a set that lacks one: ONNX Runtime would go on without it, into whatever follows. */
    void requireAll(Set<String> given) {
        if (given.size() < names.size()) {
            List<String> missing = names.stream().filter(name -> !given.contains(name)).toList();
            throw new IllegalArgumentException("missing " + kind + "s of the graph: " + missing);
        }
    }

    /** The C string of a name that the graph has. */
    MemorySegment string(String name) {
        MemorySegment string = strings.get(name);
        if (string == null) {
            throw new IllegalArgumentException(
                    "the graph has no %s %s, only %s".formatted(kind, name, names));
        }
        return string;
    }

    private static GraphNames read(
            String kind,
            Environment environment,
            MemorySegment session,
            OrtFunction count,
            OrtFunction name) {
        OrtApi api = environment.api();
        Arena lasting = Arena.ofAuto();
        Map<String, MemorySegment> strings = new LinkedHashMap<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            api.call(count, session, out);
            long names = out.get(JAVA_LONG, 0);
            for (long i = 0; i < names; i++) {
                api.call(name, session, i, environment.allocator(), out);
                String text = take(environment, out.get(ADDRESS, 0));
                strings.put(text, lasting.allocateFrom(text));
            }
        }
        return new GraphNames(kind, strings);
    }

    private static String take(Environment environment, MemorySegment string) {
        try {
            return string.reinterpret(Long.MAX_VALUE).getString(0);
        } finally {
            environment.api().call(OrtFunction.ALLOCATOR_FREE, environment.allocator(), string);
        }
    }
}
