package dev.plumbline.engine.checkpoint.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What Python's values have in common. */
final class Values {
    private Values() {}

    /** A caller's value in the interpreter's terms: copied, whole numbers long, null as None. */
    static Object of(@Nullable Object value) {
        return switch (value) {
            case null -> None.NONE;
            case Integer number -> number.longValue();
            case Short number -> number.longValue();
            case Byte number -> number.longValue();
            case Float number -> number.doubleValue();
            case Map<?, ?> map -> {
                Map<Object, Object> copy = new LinkedHashMap<>();
                map.forEach((key, element) -> copy.put(of(key), of(element)));
                yield copy;
            }
            case Collection<?> collection -> {
                List<Object> copy = new ArrayList<>();
                collection.forEach(element -> copy.add(of(element)));
                yield copy;
            }
            case String text -> text;
            case Boolean flag -> flag;
            case Long number -> number;
            case Double number -> number;
            default ->
                    throw new IllegalArgumentException(
                            "a template cannot be given a " + value.getClass().getName());
        };
    }

    static boolean truth(Object value) {
        return switch (value) {
            case None none -> false;
            case Undefined undefined -> false;
            case Boolean flag -> flag;
            case Long number -> number != 0;
            case Double number -> number != 0;
            case String text -> !text.isEmpty();
            case Collection<?> collection -> !collection.isEmpty();
            case Map<?, ?> map -> !map.isEmpty();
            default -> true;
        };
    }

    static String typeName(Object value) {
        return switch (value) {
            case None none -> "NoneType";
            case Undefined undefined -> "Undefined";
            case Boolean flag -> "bool";
            case Long number -> "int";
            case Double number -> "float";
            case String text -> "str";
            case Tuple tuple -> "tuple";
            case Collection<?> collection -> "list";
            case Map<?, ?> map -> "dict";
            case Generator generator -> "generator";
            case Namespace namespace -> "namespace";
            case LoopState loop -> "loop";
            default -> "function";
        };
    }

    static String asText(Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw wrongType("a string", value);
    }

    static long asInteger(Object value) {
        return switch (value) {
            case Long number -> number;
            case Boolean flag -> flag ? 1 : 0;
            default -> throw wrongType("an integer", value);
        };
    }

    /** An integer that indexes something. */
    static int asIndex(Object value) {
        return Math.clamp(asInteger(value), Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    static boolean isNumber(Object value) {
        return value instanceof Long || value instanceof Double || value instanceof Boolean;
    }

    static double asDouble(Object value) {
        return value instanceof Double number ? number : asInteger(value);
    }

    /** What a loop walks through: elements, keys, characters. */
    static List<Object> iterate(Object value) {
        return switch (value) {
            case List<?> list -> new ArrayList<Object>(list);
            case Map<?, ?> map -> new ArrayList<Object>(map.keySet());
            case Generator generator -> generator.drain();
            case Undefined undefined -> List.of();
            case String text -> {
                List<Object> characters = new ArrayList<>();
                text.codePoints().forEach(point -> characters.add(Character.toString(point)));
                yield characters;
            }
            default ->
                    throw JinjaException.failed("'" + typeName(value) + "' object is not iterable");
        };
    }

    static long length(Object value) {
        return switch (value) {
            case Collection<?> collection -> collection.size();
            case Map<?, ?> map -> map.size();
            case String text -> text.codePointCount(0, text.length());
            case Undefined undefined -> 0;
            default ->
                    throw JinjaException.failed(
                            "object of type '" + typeName(value) + "' has no len()");
        };
    }

    static boolean equal(Object left, Object right) {
        if (isNumber(left) && isNumber(right)) {
            return (left instanceof Double || right instanceof Double)
                    ? asDouble(left) == asDouble(right)
                    : asInteger(left) == asInteger(right);
        }
        if (left instanceof Undefined && right instanceof Undefined) {
            return true;
        }
        if (left instanceof List<?> a && right instanceof List<?> b) {
            return (left instanceof Tuple) == (right instanceof Tuple) && equalElements(a, b);
        }
        if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
            return a.keySet().equals(b.keySet())
                    && a.entrySet().stream().allMatch(e -> equal(e.getValue(), get(b, e.getKey())));
        }
        return left.equals(right);
    }

    private static Object get(Map<?, ?> map, Object key) {
        Object value = map.get(key);
        return value == null ? None.NONE : value;
    }

    private static boolean equalElements(List<?> left, List<?> right) {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!equal(left.get(i), right.get(i))) {
                return false;
            }
        }
        return true;
    }

    static Comparator<Object> order() {
        return Values::compare;
    }

    static int compare(Object left, Object right) {
        if (isNumber(left) && isNumber(right)) {
            return (left instanceof Double || right instanceof Double)
                    ? Double.compare(asDouble(left), asDouble(right))
                    : Long.compare(asInteger(left), asInteger(right));
        }
        if (left instanceof String a && right instanceof String b) {
            return compareText(a, b);
        }
        if (left instanceof List<?> a && right instanceof List<?> b) {
            for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
                if (!equal(a.get(i), b.get(i))) {
                    return compare(a.get(i), b.get(i));
                }
            }
            return Integer.compare(a.size(), b.size());
        }
        for (Object value : List.of(left, right)) {
            if (value instanceof Undefined undefined) {
                throw undefined.failure();
            }
        }
        throw JinjaException.failed(
                "'" + typeName(left) + "' and '" + typeName(right) + "' cannot be compared");
    }

    /** By code points, as Python does, and not by UTF-16 units. */
    private static int compareText(String left, String right) {
        int[] a = left.codePoints().toArray();
        int[] b = right.codePoints().toArray();
        return Arrays.compare(a, b);
    }

    static boolean contains(Object container, Object element) {
        return switch (container) {
            case String text -> text.contains(asText(element));
            case Map<?, ?> map -> map.containsKey(element);
            default -> iterate(container).stream().anyMatch(other -> equal(other, element));
        };
    }

    static JinjaException wrongType(String expected, Object value) {
        return value instanceof Undefined undefined
                ? undefined.failure()
                : JinjaException.failed("expected " + expected + ", found " + typeName(value));
    }
}
