package dev.plumbline.engine.checkpoint.jinja;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/** Jinja's tests: {@code value is name(arguments)}. */
final class Tests {
    private static final Map<String, BiPredicate<Object, Arguments>> ALL = new HashMap<>();

    static {
        plain("defined", value -> !(value instanceof Undefined));
        plain("undefined", value -> value instanceof Undefined);
        plain("none", value -> value == None.NONE);
        plain("boolean", value -> value instanceof Boolean);
        plain("true", value -> value.equals(true));
        plain("false", value -> value.equals(false));
        plain("string", value -> value instanceof String);
        plain("number", Values::isNumber);
        plain("integer", value -> value instanceof Long);
        plain("float", value -> value instanceof Double);
        plain("mapping", value -> value instanceof Map);
        plain("sequence", Tests::isSequence);
        plain("iterable", value -> isSequence(value) || value instanceof Generator);
        plain("callable", value -> value instanceof Callable);
        plain("even", value -> Math.floorMod(Values.asInteger(value), 2) == 0);
        plain("odd", value -> Math.floorMod(Values.asInteger(value), 2) == 1);
        plain("upper", value -> StringMethods.isUpper(Printer.text(value)));
        plain("lower", value -> StringMethods.isLower(Printer.text(value)));
        ALL.put("divisibleby", (value, a) -> isDivisible(value, a.required(0, "num")));
        ALL.put("sameas", (value, a) -> isSame(value, a.required(0, "other")));
        ALL.put("in", (value, a) -> Values.contains(a.required(0, "seq"), value));
        ALL.put("filter", (value, a) -> Filters.find(Values.asText(value)).isPresent());
        ALL.put("test", (value, a) -> ALL.containsKey(Values.asText(value)));
        for (String name : List.of("eq", "equalto", "==")) {
            ALL.put(name, (value, a) -> Values.equal(value, a.required(0, "other")));
        }
        for (String name : List.of("ne", "!=")) {
            ALL.put(name, (value, a) -> !Values.equal(value, a.required(0, "other")));
        }
        compared(List.of("lt", "lessthan", "<"), order -> order < 0);
        compared(List.of("le", "<="), order -> order <= 0);
        compared(List.of("gt", "greaterthan", ">"), order -> order > 0);
        compared(List.of("ge", ">="), order -> order >= 0);
    }

    private Tests() {}

    private static void plain(String name, Predicate<Object> test) {
        ALL.put(name, (value, arguments) -> test.test(value));
    }

    private static void compared(List<String> names, IntPredicate holds) {
        for (String name : names) {
            ALL.put(name, (v, a) -> holds.test(Values.compare(v, a.required(0, "other"))));
        }
    }

    static boolean apply(String name, Object value, Arguments arguments) {
        BiPredicate<Object, Arguments> test = ALL.get(name);
        if (test == null) {
            throw new JinjaException(
                    JinjaException.Kind.UNSUPPORTED, 0, "the test '" + name + "' is not supported");
        }
        return test.test(value, arguments);
    }

    private static boolean isSequence(Object value) {
        return value instanceof List
                || value instanceof String
                || value instanceof Map
                || value instanceof Undefined;
    }

    private static boolean isDivisible(Object value, Object divisor) {
        if (Values.asInteger(divisor) == 0) {
            throw JinjaException.failed("division by zero");
        }
        return Values.asInteger(value) % Values.asInteger(divisor) == 0;
    }

    @SuppressWarnings("ReferenceEquality") // It asks for the very same object.
    private static boolean isSame(Object value, Object other) {
        boolean constant = value instanceof Boolean || value instanceof Long || value == None.NONE;
        return value == other || (constant && value.equals(other));
    }
}
