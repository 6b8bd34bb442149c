package dev.plumbline.eval.report;

import java.util.List;

/** HTML that is well-formed and escaped by construction: text and tags, nothing raw. */
sealed interface Markup permits Markup.Text, Markup.All, Tag {

    void write(StringBuilder out);

    /** Plain text. */
    record Text(String text) implements Markup {
        @Override
        public void write(StringBuilder out) {
            out.append(escape(text));
        }
    }

    /** One after the other. */
    record All(List<? extends Markup> parts) implements Markup {
        @Override
        public void write(StringBuilder out) {
            parts.forEach(part -> part.write(out));
        }
    }

    static Markup text(String text) {
        return new Text(text);
    }

    static Markup all(List<? extends Markup> parts) {
        return new All(List.copyOf(parts));
    }

    static Markup all(Markup... parts) {
        return new All(List.of(parts));
    }

    /**
     * Escapes what has a meaning in HTML; control characters that no document may hold become
     * U+FFFD.
     */
    static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> appendEscaped(out, c));
        return out.toString();
    }

    private static void appendEscaped(StringBuilder out, int c) {
        switch (c) {
            case '&' -> out.append("&amp;");
            case '<' -> out.append("&lt;");
            case '>' -> out.append("&gt;");
            case '"' -> out.append("&quot;");
            case '\'' -> out.append("&#39;");
            default -> out.appendCodePoint(isAllowed(c) ? c : 0xFFFD);
        }
    }

    private static boolean isAllowed(int c) {
        boolean whitespace = c == '\t' || c == '\n' || c == '\r';
        boolean surrogate = c >= 0xD800 && c <= 0xDFFF;
        return whitespace
                || (c >= 0x20
                        && !surrogate
                        && c != 0xFFFE
                        && c != 0xFFFF
                        && !(c >= 0x7F && c < 0xA0));
    }
}
