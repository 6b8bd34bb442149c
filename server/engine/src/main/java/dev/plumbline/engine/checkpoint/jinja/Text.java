package dev.plumbline.engine.checkpoint.jinja;

import java.util.function.IntPredicate;

/** Python's notion of text: white space, escapes, characters outside the basic plane. */
final class Text {
    private Text() {}

    /** Python's {@code str.isspace} for one character. */
    static boolean isSpace(int character) {
        return Character.isWhitespace(character)
                || Character.isSpaceChar(character)
                || character == 0x85;
    }

    static boolean isBlank(String text) {
        return text.codePoints().allMatch(Text::isSpace);
    }

    static String stripTrailing(String text) {
        return strip(text, Text::isSpace, false, true);
    }

    static String strip(String text, IntPredicate stripped, boolean leading, boolean trailing) {
        int[] characters = text.codePoints().toArray();
        int start = 0;
        int end = characters.length;
        while (leading && start < end && stripped.test(characters[start])) {
            start++;
        }
        while (trailing && end > start && stripped.test(characters[end - 1])) {
            end--;
        }
        return new String(characters, start, end - start);
    }

    /** Resolves the escapes of a string literal, as Python's {@code unicode-escape} does. */
    static String unescape(String literal, int line) {
        StringBuilder text = new StringBuilder(literal.length());
        int i = 0;
        while (i < literal.length()) {
            char character = literal.charAt(i++);
            if (character != '\\' || i == literal.length()) {
                text.append(character);
                continue;
            }
            char escape = literal.charAt(i++);
            int digits = digits(escape);
            if (digits > 0) {
                text.appendCodePoint(hexadecimal(literal, i, digits, line));
                i += digits;
            } else {
                appendEscape(text, escape);
            }
        }
        return text.toString();
    }

    private static void appendEscape(StringBuilder text, char escape) {
        switch (escape) {
            case 'n' -> text.append('\n');
            case 't' -> text.append('\t');
            case 'r' -> text.append('\r');
            case 'b' -> text.append('\b');
            case 'f' -> text.append('\f');
            case 'v' -> text.append('\u000b');
            case 'a' -> text.append('\u0007');
            case '0' -> text.append('\0');
            case '\n' -> {}
            case '\\', '\'', '"' -> text.append(escape);
            default -> text.append('\\').append(escape);
        }
    }

    private static int digits(char escape) {
        return switch (escape) {
            case 'x' -> 2;
            case 'u' -> 4;
            case 'U' -> 8;
            default -> 0;
        };
    }

    private static int hexadecimal(String literal, int start, int digits, int line) {
        try {
            int code = Integer.parseInt(literal, start, start + digits, 16);
            if (Character.isValidCodePoint(code)) {
                return code;
            }
        } catch (NumberFormatException | IndexOutOfBoundsException damaged) {
            throw JinjaException.syntax(line, "a damaged escape in '" + literal + "'");
        }
        throw JinjaException.syntax(line, "a damaged escape in '" + literal + "'");
    }
}
