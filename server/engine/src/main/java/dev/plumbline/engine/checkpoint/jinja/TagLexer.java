package dev.plumbline.engine.checkpoint.jinja;

import dev.plumbline.engine.checkpoint.jinja.Token.Kind;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tokens within a tag. */
final class TagLexer {
    private static final Pattern TOKEN =
            Pattern.compile(
                    "(?<float>(?<!\\.)\\d[\\d_]*(?:(?:\\.\\d[\\d_]*)?[eE][+-]?\\d[\\d_]*"
                            + "|\\.\\d[\\d_]*))"
                            + "|(?<integer>0[bB][01_]+|0[oO][0-7_]+|0[xX][0-9a-fA-F_]+|\\d[\\d_]*)"
                            + "|(?<name>[\\p{L}_][\\p{L}\\p{N}_]*)"
                            + "|(?<string>'(?:[^'\\\\]|\\\\.)*+'|\"(?:[^\"\\\\]|\\\\.)*+\")"
                            + "|(?<operator>//|\\*\\*|==|!=|>=|<=|[-+/*%~\\[\\](){}><=.:|,;])",
                    Pattern.DOTALL);

    private final String source;
    private final Matcher matcher;
    private int position;
    private int open;

    TagLexer(String source, int position) {
        this.source = source;
        this.matcher = TOKEN.matcher(source);
        this.position = position;
    }

    int position() {
        return position;
    }

    /** Whether every bracket is closed, so that a delimiter ends the tag. */
    boolean balanced() {
        return open == 0;
    }

    void skipSpace() {
        while (position < source.length() && Text.isSpace(source.charAt(position))) {
            position++;
        }
    }

    Token next(int line) {
        matcher.region(position, source.length()).useTransparentBounds(true);
        if (!matcher.lookingAt()) {
            throw JinjaException.syntax(
                    line, "unexpected character '" + source.charAt(position) + "'");
        }
        position = matcher.end();
        String text = matcher.group();
        if (matcher.group("float") != null) {
            return new Token(Kind.FLOAT, text.replace("_", ""), line);
        }
        if (matcher.group("integer") != null) {
            return new Token(Kind.INTEGER, text.replace("_", ""), line);
        }
        if (matcher.group("name") != null) {
            return new Token(Kind.NAME, text, line);
        }
        if (matcher.group("string") != null) {
            String content = text.substring(1, text.length() - 1);
            return new Token(Kind.STRING, Text.unescape(content, line), line);
        }
        balance(text, line);
        return new Token(Kind.OPERATOR, text, line);
    }

    private void balance(String operator, int line) {
        switch (operator) {
            case "(", "[", "{" -> open++;
            case ")", "]", "}" -> {
                if (--open < 0) {
                    throw JinjaException.syntax(line, "unexpected '" + operator + "'");
                }
            }
            default -> {}
        }
    }
}
