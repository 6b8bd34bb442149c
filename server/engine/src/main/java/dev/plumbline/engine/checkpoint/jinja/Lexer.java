package dev.plumbline.engine.checkpoint.jinja;

import dev.plumbline.engine.checkpoint.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into text and tags, with Jinja's rules of whitespace: {@code -} next to a
 * delimiter strips all of it; without a sign a block takes the line break after it (trim_blocks)
 * and the indentation before it (lstrip_blocks); {@code +} turns that off. The template's last line
 * break is dropped.
 */
final class Lexer {
    private static final Pattern BEGIN = Pattern.compile("\\{\\{|\\{%|\\{#");
    private static final Pattern RAW_BEGIN =
            Pattern.compile("\\{%[-+]?\\s*raw\\s*(?:-%\\}\\s*|%\\})");
    private static final Pattern RAW_END =
            Pattern.compile(
                    "\\{%([-+]?)\\s*endraw\\s*(?:\\+%\\}|-%\\}\\s*|%\\}\\n?)",
                    Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern COMMENT_END = end("#\\}", true);
    private static final Pattern BLOCK_END = end("%\\}", true);
    private static final Pattern VARIABLE_END = end("\\}\\}", false);

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int position;
    private int line = 1;
    private int counted;
    private boolean lineStarting = true;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String template) {
        String source = template.replace("\r\n", "\n").replace('\r', '\n');
        if (source.endsWith("\n")) {
            source = source.substring(0, source.length() - 1);
        }
        return new Lexer(source).run();
    }

    private static Pattern end(String delimiter, boolean block) {
        String plain = block ? "\\+" + delimiter + "|" + delimiter + "\\n?" : delimiter;
        return Pattern.compile("-" + delimiter + "\\s*|" + plain, Pattern.UNICODE_CHARACTER_CLASS);
    }

    private List<Token> run() {
        Matcher begin = BEGIN.matcher(source);
        while (begin.find(position)) {
            int at = begin.start();
            data(at, sign(at + 2), begin.group());
            position = at;
            switch (begin.group()) {
                case "{#" -> comment();
                case "{{" -> tag(Kind.VARIABLE_BEGIN, Kind.VARIABLE_END, VARIABLE_END);
                default -> {
                    if (!raw()) {
                        tag(Kind.BLOCK_BEGIN, Kind.BLOCK_END, BLOCK_END);
                    }
                }
            }
        }
        add(Kind.DATA, source.substring(position), position);
        add(Kind.END, "", source.length());
        return tokens;
    }

    private char sign(int at) {
        char sign = at < source.length() ? source.charAt(at) : ' ';
        return sign == '-' || sign == '+' ? sign : ' ';
    }

    /** The text before a tag. */
    private void data(int end, char sign, String delimiter) {
        String text = source.substring(position, end);
        if (sign == '-') {
            text = Text.stripTrailing(text);
        } else if (sign != '+' && !delimiter.equals("{{")) {
            int lineStart = text.lastIndexOf('\n') + 1;
            if ((lineStart > 0 || lineStarting) && Text.isBlank(text.substring(lineStart))) {
                text = text.substring(0, lineStart);
            }
        }
        add(Kind.DATA, text, position);
    }

    private void comment() {
        Matcher end = COMMENT_END.matcher(source);
        if (!end.find(position + 2)) {
            throw JinjaException.syntax(lineAt(position), "a comment is not closed by '#}'");
        }
        finish(end.end());
    }

    private boolean raw() {
        Matcher begin = RAW_BEGIN.matcher(source);
        if (!begin.find(position) || begin.start() != position) {
            return false;
        }
        Matcher end = RAW_END.matcher(source);
        if (!end.find(begin.end())) {
            throw JinjaException.syntax(lineAt(position), "'raw' is not closed by 'endraw'");
        }
        position = begin.end();
        lineStarting = source.charAt(position - 1) == '\n';
        String sign = end.group(1);
        data(end.start(), sign.isEmpty() ? ' ' : sign.charAt(0), "{%");
        finish(end.end());
        return true;
    }

    private void tag(Kind begin, Kind end, Pattern endPattern) {
        int at = position;
        add(begin, "", at);
        position = at + (sign(at + 2) == ' ' ? 2 : 3);
        TagLexer lexer = new TagLexer(source, position);
        Matcher close = endPattern.matcher(source);
        while (true) {
            lexer.skipSpace();
            if (lexer.position() >= source.length()) {
                throw JinjaException.syntax(lineAt(at), "a tag is not closed");
            }
            close.region(lexer.position(), source.length());
            if (lexer.balanced() && close.lookingAt()) {
                add(end, "", lexer.position());
                finish(close.end());
                return;
            }
            int start = lexer.position();
            tokens.add(lexer.next(lineAt(start)));
        }
    }

    private void finish(int end) {
        position = end;
        lineStarting = source.charAt(end - 1) == '\n';
    }

    private void add(Kind kind, String text, int at) {
        if (kind != Kind.DATA || !text.isEmpty()) {
            tokens.add(new Token(kind, text, lineAt(at)));
        }
    }

    private int lineAt(int at) {
        while (counted < at) {
            if (source.charAt(counted++) == '\n') {
                line++;
            }
        }
        return line;
    }
}
