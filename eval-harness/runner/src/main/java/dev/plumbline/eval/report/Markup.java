package dev.plumbline.eval.report;

/** HTML that is well-formed and escaped by construction: text and tags, nothing raw. */
sealed interface Markup permits Markup.Text, Tag {

    void write(StringBuilder out);

    /** Plain text. */
    record Text(String text) implements Markup {
        @Override
        public void write(StringBuilder out) {
            out.append(escape(text));
        }
    }

    static Markup text(String text) {
        return new Text(text);
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
