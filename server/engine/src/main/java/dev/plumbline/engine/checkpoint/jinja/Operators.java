package dev.plumbline.engine.checkpoint.jinja;

import java.util.ArrayList;
import java.util.List;

/** Python's arithmetic, on 64-bit integers. */
final class Operators {
    /** Longest string or list that a repetition may give. */
    private static final long MAXIMUM_LENGTH = 10_000_000;

    private Operators() {}

    static Object apply(String operator, Object left, Object right) {
        if (Values.isNumber(left) && Values.isNumber(right)) {
            return left instanceof Double || right instanceof Double || operator.equals("/")
                    ? ofDoubles(operator, Values.asDouble(left), Values.asDouble(right))
                    : ofIntegers(operator, Values.asInteger(left), Values.asInteger(right));
        }
        if (operator.equals("%") && left instanceof String format) {
            return PrintfFormat.apply(format, right);
        }
        return switch (operator) {
            case "+" -> add(left, right);
            case "*" -> left instanceof Long ? repeat(right, left) : repeat(left, right);
            default -> throw mismatch(operator, left, right);
        };
    }

    private static Object ofIntegers(String operator, long left, long right) {
        try {
            return switch (operator) {
                case "+" -> Math.addExact(left, right);
                case "-" -> Math.subtractExact(left, right);
                case "*" -> Math.multiplyExact(left, right);
                case "//" -> Math.floorDiv(left, right);
                case "%" -> Math.floorMod(left, right);
                case "**" -> power(left, right);
                default -> throw new IllegalStateException(operator);
            };
        } catch (ArithmeticException failure) {
            throw JinjaException.failed(
                    right == 0 && !operator.equals("**")
                            ? "division by zero"
                            : "a whole number of more than 64 bits is not supported");
        }
    }

    private static Object power(long base, long exponent) {
        if (exponent < 0) {
            return Math.pow((double) base, (double) exponent);
        }
        if (exponent > Long.SIZE && base != 0 && base != 1 && base != -1) {
            throw new ArithmeticException("overflow");
        }
        long result = 1;
        for (long i = 0; i < (Math.abs(base) > 1 ? exponent : exponent % 2 + 2); i++) {
            result = Math.multiplyExact(result, base);
        }
        return exponent == 0 ? 1 : result;
    }

    private static Object ofDoubles(String operator, double left, double right) {
        boolean division = operator.equals("/") || operator.equals("//") || operator.equals("%");
        if (division && right == 0) {
            throw JinjaException.failed("division by zero");
        }
        return switch (operator) {
            case "+" -> left + right;
            case "-" -> left - right;
            case "*" -> left * right;
            case "/" -> left / right;
            case "//" -> Math.floor(left / right);
            case "%" -> left - right * Math.floor(left / right);
            case "**" -> Math.pow(left, right);
            default -> throw new IllegalStateException(operator);
        };
    }

    private static Object add(Object left, Object right) {
        if (left instanceof String a && right instanceof String b) {
            return a + b;
        }
        if (left instanceof List<?> a
                && right instanceof List<?> b
                && (left instanceof Tuple) == (right instanceof Tuple)) {
            List<Object> sum = new ArrayList<>(a);
            sum.addAll(b);
            return left instanceof Tuple ? new Tuple(sum) : sum;
        }
        throw mismatch("+", left, right);
    }

    private static Object repeat(Object repeated, Object count) {
        if (!(count instanceof Long) || !(repeated instanceof String || repeated instanceof List)) {
            throw mismatch("*", repeated, count);
        }
        long times = Math.max(0, Values.asInteger(count));
        if (times > MAXIMUM_LENGTH / Math.max(1, Values.length(repeated))) {
            throw JinjaException.failed("a repetition gives more than " + MAXIMUM_LENGTH);
        }
        if (repeated instanceof String text) {
            return text.repeat((int) times);
        }
        List<Object> result = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            result.addAll((List<?>) repeated);
        }
        return repeated instanceof Tuple ? new Tuple(result) : result;
    }

    private static JinjaException mismatch(String operator, Object left, Object right) {
        for (Object value : List.of(left, right)) {
            if (value instanceof Undefined undefined) {
                return undefined.failure();
            }
        }
        return JinjaException.failed(
                "'%s' does not work on '%s' and '%s'"
                        .formatted(operator, Values.typeName(left), Values.typeName(right)));
    }
}
