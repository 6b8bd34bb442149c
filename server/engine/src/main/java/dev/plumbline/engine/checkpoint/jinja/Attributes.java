package dev.plumbline.engine.checkpoint.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code a.b}, {@code a['b']} and {@code a[1:2]}. */
final class Attributes {
    private Attributes() {}

    /** An attribute, else the item of that name. */
    static Object attribute(Object target, String name) {
        return method(target, name)
                .or(() -> item(target, (Object) name))
                .orElseGet(() -> missing(target, name));
    }

    /** An item, else the attribute of that name. */
    static Object subscript(Object target, Object index) {
        return item(target, index)
                .or(() -> index instanceof String name ? method(target, name) : Optional.empty())
                .orElseGet(() -> missing(target, index));
    }

    private static Optional<Object> method(Object target, String name) {
        return switch (target) {
            case Undefined undefined -> throw undefined.failure();
            case Namespace namespace -> Optional.ofNullable(namespace.attributes().get(name));
            case LoopState loop -> Optional.of(loop.attribute(name));
            case String text -> StringMethods.find(text, name).map(callable -> callable);
            case Map<?, ?> map -> ContainerMethods.find(map, name).map(callable -> callable);
            case List<?> list -> ContainerMethods.find(list, name).map(callable -> callable);
            default -> Optional.empty();
        };
    }

    private static Optional<Object> item(Object target, Object index) {
        return switch (target) {
            case Undefined undefined -> throw undefined.failure();
            case Map<?, ?> map -> Optional.ofNullable(map.get(index));
            case List<?> list when Values.isNumber(index) -> {
                int at = position(list.size(), index);
                yield at < 0 ? Optional.empty() : Optional.of(list.get(at));
            }
            case String text when Values.isNumber(index) -> {
                int[] characters = text.codePoints().toArray();
                int at = position(characters.length, index);
                yield at < 0 ? Optional.empty() : Optional.of(Character.toString(characters[at]));
            }
            default -> Optional.empty();
        };
    }

    /** Negative indices count from the end; -1 where there is none. */
    private static int position(int size, Object index) {
        if (index instanceof Double) {
            return -1;
        }
        int at = Values.asIndex(index);
        int position = at < 0 ? at + size : at;
        return position >= 0 && position < size ? position : -1;
    }

    private static Undefined missing(Object target, Object name) {
        String what = "'" + Values.typeName(target) + " object' has no ";
        return new Undefined(
                name instanceof String
                        ? what + "attribute '" + name + "'"
                        : what + "element " + Printer.represent(name));
    }

    static Object slice(Object target, Object start, Object stop, Object step) {
        if (!(target instanceof String) && !(target instanceof List)) {
            return target instanceof Undefined undefined
                    ? throwing(undefined)
                    : missing(target, "slice");
        }
        List<Object> elements = Values.iterate(target);
        int stride = step == None.NONE ? 1 : Values.asIndex(step);
        if (stride == 0) {
            throw JinjaException.failed("slice step cannot be zero");
        }
        List<Object> chosen =
                stride > 0
                        ? forward(elements, start, stop, stride)
                        : backward(elements, start, stop, stride);
        if (target instanceof String) {
            StringBuilder text = new StringBuilder();
            chosen.forEach(text::append);
            return text.toString();
        }
        return target instanceof Tuple ? new Tuple(chosen) : chosen;
    }

    private static Object throwing(Undefined undefined) {
        throw undefined.failure();
    }

    private static List<Object> forward(List<Object> from, Object start, Object stop, int stride) {
        int first = bound(start, 0, from.size(), 0);
        int end = bound(stop, from.size(), from.size(), 0);
        List<Object> chosen = new ArrayList<>();
        for (long i = first; i < end; i += stride) {
            chosen.add(from.get((int) i));
        }
        return chosen;
    }

    private static List<Object> backward(List<Object> from, Object start, Object stop, int stride) {
        int last = from.size() - 1;
        int first = bound(start, last, last, -1);
        int end = stop == None.NONE ? -1 : bound(stop, -1, last, -1);
        List<Object> chosen = new ArrayList<>();
        for (long i = first; i > end; i += stride) {
            chosen.add(from.get((int) i));
        }
        return chosen;
    }

    private static int bound(Object value, int fallback, int maximum, int minimum) {
        if (value == None.NONE) {
            return fallback;
        }
        int size = minimum < 0 ? maximum + 1 : maximum;
        long index = Values.asIndex(value);
        return (int)
                Math.clamp(index < 0 ? index + size : index, minimum, Math.max(minimum, maximum));
    }

    /** The other way round, for the filter {@code reverse}. */
    static Object reversed(Object value) {
        if (value instanceof String text) {
            return new StringBuilder(text).reverse().toString();
        }
        List<Object> elements = new ArrayList<>(Values.iterate(value));
        Collections.reverse(elements);
        return new Generator(elements);
    }
}
