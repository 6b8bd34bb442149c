package dev.plumbline.engine.checkpoint.jinja;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** {@code str.split} and {@code str.rsplit}. */
final class Splitting {
    private Splitting() {}

    static List<Object> at(String text, String separator, int limit, boolean fromRight) {
        if (separator.isEmpty()) {
            throw JinjaException.failed("empty separator");
        }
        Deque<Object> parts = new ArrayDeque<>();
        String rest = text;
        while (parts.size() < limit) {
            int at = fromRight ? rest.lastIndexOf(separator) : rest.indexOf(separator);
            if (at < 0) {
                break;
            }
            String after = rest.substring(at + separator.length());
            if (fromRight) {
                parts.addFirst(after);
                rest = rest.substring(0, at);
            } else {
                parts.addLast(rest.substring(0, at));
                rest = after;
            }
        }
        if (fromRight) {
            parts.addFirst(rest);
        } else {
            parts.addLast(rest);
        }
        return List.copyOf(parts);
    }

    /** At runs of white space; none at the ends. */
    static List<Object> atSpace(String text, int limit, boolean fromRight) {
        Deque<Object> parts = new ArrayDeque<>();
        String rest = Text.strip(text, Text::isSpace, !fromRight, fromRight);
        while (!rest.isEmpty()) {
            int at = parts.size() < limit ? firstSpace(rest, fromRight) : -1;
            if (fromRight) {
                parts.addFirst(at < 0 ? ends(rest, true) : rest.substring(at + 1));
                rest = at < 0 ? "" : Text.strip(rest.substring(0, at), Text::isSpace, false, true);
            } else {
                parts.addLast(at < 0 ? ends(rest, false) : rest.substring(0, at));
                rest = at < 0 ? "" : Text.strip(rest.substring(at), Text::isSpace, true, false);
            }
        }
        return List.copyOf(parts);
    }

    /** What is left after the last split keeps the space at its far end. */
    private static String ends(String rest, boolean fromRight) {
        return Text.strip(rest, Text::isSpace, !fromRight, fromRight);
    }

    private static int firstSpace(String text, boolean fromRight) {
        for (int i = 0; i < text.length(); i++) {
            int at = fromRight ? text.length() - 1 - i : i;
            if (Text.isSpace(text.charAt(at))) {
                return at;
            }
        }
        return -1;
    }
}
