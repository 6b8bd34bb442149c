package dev.plumbline.engine.checkpoint.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Python's methods of strings. */
final class StringMethods {
    private StringMethods() {}

    static Optional<Callable> find(String text, String name) {
        Callable method = transformation(text, name);
        if (method == null) {
            method = question(text, name);
        }
        return Optional.ofNullable(method == null ? splitting(text, name) : method);
    }

    private static @Nullable Callable transformation(String text, String name) {
        return switch (name) {
            case "upper" -> arguments -> text.toUpperCase(Locale.ROOT);
            case "lower", "casefold" -> arguments -> text.toLowerCase(Locale.ROOT);
            case "capitalize" -> arguments -> capitalize(text);
            case "title" -> arguments -> title(text);
            case "strip" -> arguments -> strip(text, arguments, true, true);
            case "lstrip" -> arguments -> strip(text, arguments, true, false);
            case "rstrip" -> arguments -> strip(text, arguments, false, true);
            case "replace" -> arguments -> replace(text, arguments);
            case "removeprefix" ->
                    arguments -> {
                        String prefix = arguments.text(0, "prefix");
                        return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
                    };
            case "removesuffix" ->
                    arguments -> {
                        String suffix = arguments.text(0, "suffix");
                        return text.endsWith(suffix)
                                ? text.substring(0, text.length() - suffix.length())
                                : text;
                    };
            case "join" ->
                    arguments ->
                            String.join(
                                    text,
                                    Values.iterate(arguments.required(0, "iterable")).stream()
                                            .map(Values::asText)
                                            .toList());
            case "zfill" ->
                    arguments -> zeroFill(text, Values.asIndex(arguments.required(0, "width")));
            case "ljust" -> arguments -> justify(text, arguments, false);
            case "rjust" -> arguments -> justify(text, arguments, true);
            default -> null;
        };
    }

    private static @Nullable Callable question(String text, String name) {
        return switch (name) {
            case "startswith" -> arguments -> affix(text, arguments, String::startsWith);
            case "endswith" -> arguments -> affix(text, arguments, String::endsWith);
            case "isdigit", "isnumeric", "isdecimal" -> arguments -> all(text, Character::isDigit);
            case "isalpha" -> arguments -> all(text, Character::isLetter);
            case "isalnum" -> arguments -> all(text, Character::isLetterOrDigit);
            case "isspace" -> arguments -> all(text, Text::isSpace);
            case "isupper" -> arguments -> isUpper(text);
            case "islower" -> arguments -> isLower(text);
            case "count" -> arguments -> count(text, arguments.text(0, "sub"));
            case "find" -> arguments -> characters(text, text.indexOf(arguments.text(0, "sub")));
            case "rfind" ->
                    arguments -> characters(text, text.lastIndexOf(arguments.text(0, "sub")));
            case "index" ->
                    arguments -> {
                        int at = text.indexOf(arguments.text(0, "sub"));
                        if (at < 0) {
                            throw JinjaException.failed("substring not found");
                        }
                        return characters(text, at);
                    };
            default -> null;
        };
    }

    private static @Nullable Callable splitting(String text, String name) {
        return switch (name) {
            case "split" -> arguments -> split(text, arguments, false);
            case "rsplit" -> arguments -> split(text, arguments, true);
            case "splitlines" -> arguments -> lines(text, arguments.truth(0, "keepends", false));
            case "partition" -> arguments -> partition(text, arguments.text(0, "sep"), false);
            case "rpartition" -> arguments -> partition(text, arguments.text(0, "sep"), true);
            case "format",
                    "format_map",
                    "encode",
                    "translate",
                    "swapcase",
                    "center",
                    "expandtabs" ->
                    arguments -> {
                        throw new JinjaException(
                                JinjaException.Kind.UNSUPPORTED,
                                0,
                                "the string method '" + name + "' is not supported");
                    };
            default -> null;
        };
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.offsetByCodePoints(0, 1);
        return text.substring(0, first).toUpperCase(Locale.ROOT)
                + text.substring(first).toLowerCase(Locale.ROOT);
    }

    private static String title(String text) {
        StringBuilder title = new StringBuilder();
        boolean within = false;
        for (int point : text.codePoints().toArray()) {
            title.appendCodePoint(
                    within ? Character.toLowerCase(point) : Character.toTitleCase(point));
            within = Character.isLetter(point);
        }
        return title.toString();
    }

    static String strip(String text, Arguments arguments, boolean leading, boolean trailing) {
        IntPredicate stripped =
                arguments
                        .optionalText(0, "chars")
                        .<IntPredicate>map(characters -> point -> characters.indexOf(point) >= 0)
                        .orElse(Text::isSpace);
        return Text.strip(text, stripped, leading, trailing);
    }

    static String replace(String text, Arguments arguments) {
        String old = arguments.text(0, "old");
        String replacement = arguments.text(1, "new");
        long count =
                arguments
                        .get(2, "count")
                        .filter(n -> n != None.NONE)
                        .map(Values::asInteger)
                        .orElse(-1L);
        if (count < 0) {
            return text.replace(old, replacement);
        }
        StringBuilder result = new StringBuilder();
        int from = 0;
        for (long i = 0; i < count; i++) {
            int at = text.indexOf(old, from);
            if (at < 0 || old.isEmpty()) {
                break;
            }
            result.append(text, from, at).append(replacement);
            from = at + old.length();
        }
        return result.append(text.substring(from)).toString();
    }

    private static boolean affix(
            String text, Arguments arguments, BiPredicate<String, String> holds) {
        Object affix = arguments.required(0, "prefix");
        return affix instanceof Tuple tuple
                ? tuple.stream().anyMatch(one -> holds.test(text, Values.asText(one)))
                : holds.test(text, Values.asText(affix));
    }

    private static boolean all(String text, IntPredicate predicate) {
        return !text.isEmpty() && text.codePoints().allMatch(predicate);
    }

    static boolean isUpper(String text) {
        return text.codePoints().anyMatch(Character::isUpperCase)
                && text.codePoints().noneMatch(Character::isLowerCase);
    }

    static boolean isLower(String text) {
        return text.codePoints().anyMatch(Character::isLowerCase)
                && text.codePoints().noneMatch(Character::isUpperCase);
    }

    private static long count(String text, String part) {
        if (part.isEmpty()) {
            return Values.length(text) + 1;
        }
        long count = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }

    private static long characters(String text, int at) {
        return at < 0 ? -1 : text.codePointCount(0, at);
    }

    private static String zeroFill(String text, int width) {
        boolean signed = text.startsWith("-") || text.startsWith("+");
        int missing = Math.max(0, width - text.length());
        String zeros = "0".repeat(missing);
        return signed ? text.charAt(0) + zeros + text.substring(1) : zeros + text;
    }

    private static String justify(String text, Arguments arguments, boolean right) {
        int missing = (int) Math.max(0, arguments.integer(0, "width", 0) - Values.length(text));
        String fill = arguments.optionalText(1, "fillchar").orElse(" ").repeat(missing);
        return right ? fill + text : text + fill;
    }

    private static List<Object> split(String text, Arguments arguments, boolean fromRight) {
        int maximum = (int) arguments.integer(1, "maxsplit", -1);
        int limit = maximum < 0 ? Integer.MAX_VALUE : maximum;
        return arguments
                .optionalText(0, "sep")
                .map(separator -> Splitting.at(text, separator, limit, fromRight))
                .orElseGet(() -> Splitting.atSpace(text, limit, fromRight));
    }

    private static List<Object> lines(String text, boolean keepEnds) {
        List<Object> lines = new ArrayList<>();
        int start = 0;
        while (start < text.length()) {
            int end = start;
            while (end < text.length()
                    && "\n\r\u000b\f\u0085\u2028\u2029".indexOf(text.charAt(end)) < 0) {
                end++;
            }
            int next = Math.min(text.length(), end + (text.startsWith("\r\n", end) ? 2 : 1));
            lines.add(text.substring(start, keepEnds ? next : end));
            start = next;
        }
        return lines;
    }

    private static Tuple partition(String text, String separator, boolean last) {
        int at = last ? text.lastIndexOf(separator) : text.indexOf(separator);
        if (at < 0) {
            return last ? Tuple.of("", "", text) : Tuple.of(text, "", "");
        }
        return Tuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
    }
}
