package dev.plumbline.engine.checkpoint.jinja;

import dev.plumbline.engine.checkpoint.jinja.Token.Kind;
import java.util.List;

/** Tokens with one of look-ahead. */
final class TokenStream {
    private final List<Token> tokens;
    private int position;

    TokenStream(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token peek() {
        return tokens.get(position);
    }

    Token peekSecond() {
        return tokens.get(Math.min(position + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = peek();
        if (token.kind() != Kind.END) {
            position++;
        }
        return token;
    }

    boolean skipOperator(String operator) {
        return skip(peek().isOperator(operator));
    }

    boolean skipName(String name) {
        return skip(peek().isName(name));
    }

    private boolean skip(boolean matches) {
        if (matches) {
            position++;
        }
        return matches;
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw expected("'" + operator + "'");
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw expected("'" + name + "'");
        }
    }

    Token expect(Kind kind) {
        if (peek().kind() != kind) {
            throw expected(kind == Kind.NAME ? "a name" : "the end of the tag");
        }
        return next();
    }

    JinjaException expected(String what) {
        return JinjaException.syntax(
                peek().line(), "expected " + what + ", found " + peek().describe());
    }
}
