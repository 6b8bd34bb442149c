package dev.plumbline.engine.checkpoint.jinja;

import dev.plumbline.engine.checkpoint.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/** Names, literals, and what stands in brackets. */
final class PrimaryParser {
    private final TokenStream tokens;
    private final ExpressionParser expressions;

    PrimaryParser(TokenStream tokens, ExpressionParser expressions) {
        this.tokens = tokens;
        this.expressions = expressions;
    }

    Expression parse() {
        Token token = tokens.peek();
        return switch (token.kind()) {
            case NAME -> name(tokens.next().text());
            case STRING -> string();
            case INTEGER -> integer(tokens.next());
            case FLOAT -> new Expression.Literal(Double.valueOf(tokens.next().text()));
            case OPERATOR -> bracket();
            default -> throw tokens.expected("an expression");
        };
    }

    private static Expression name(String name) {
        return switch (name) {
            case "true", "True" -> new Expression.Literal(true);
            case "false", "False" -> new Expression.Literal(false);
            case "none", "None" -> new Expression.Literal(None.NONE);
            default -> new Expression.Name(name);
        };
    }

    /** Strings next to each other are one. */
    private Expression string() {
        StringBuilder text = new StringBuilder();
        while (tokens.peek().kind() == Kind.STRING) {
            text.append(tokens.next().text());
        }
        return new Expression.Literal(text.toString());
    }

    private static Expression integer(Token token) {
        String text = token.text();
        int radix =
                switch (text.length() > 1 ? Character.toLowerCase(text.charAt(1)) : ' ') {
                    case 'b' -> 2;
                    case 'o' -> 8;
                    case 'x' -> 16;
                    default -> 10;
                };
        try {
            return new Expression.Literal(
                    Long.parseLong(radix == 10 ? text : text.substring(2), radix));
        } catch (NumberFormatException tooLarge) {
            throw JinjaException.unsupported(token.line(), "the number " + text);
        }
    }

    private Expression bracket() {
        if (tokens.skipOperator("(")) {
            return parenthesized();
        }
        if (tokens.skipOperator("[")) {
            return new Expression.ListLiteral(elements("]"));
        }
        if (tokens.skipOperator("{")) {
            return dict();
        }
        throw tokens.expected("an expression");
    }

    private Expression parenthesized() {
        if (tokens.skipOperator(")")) {
            return new Expression.TupleLiteral(List.of());
        }
        Expression inner = expressions.parseTuple();
        tokens.expectOperator(")");
        return inner;
    }

    private List<Expression> elements(String end) {
        List<Expression> elements = new ArrayList<>();
        while (!tokens.skipOperator(end)) {
            elements.add(expressions.parse());
            separator(end);
        }
        return elements;
    }

    private Expression dict() {
        List<Expression.Entry> entries = new ArrayList<>();
        while (!tokens.skipOperator("}")) {
            Expression key = expressions.parse();
            tokens.expectOperator(":");
            entries.add(new Expression.Entry(key, expressions.parse()));
            separator("}");
        }
        return new Expression.DictLiteral(entries);
    }

    private void separator(String end) {
        if (!tokens.peek().isOperator(end)) {
            tokens.expectOperator(",");
        }
    }
}
