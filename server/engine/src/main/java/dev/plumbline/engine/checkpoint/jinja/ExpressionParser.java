package dev.plumbline.engine.checkpoint.jinja;

import dev.plumbline.engine.checkpoint.jinja.Expression.CallArguments;
import dev.plumbline.engine.checkpoint.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Expressions, by recursive descent with Jinja's precedences. */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<Kind> ARGUMENT_STARTS =
            Set.of(Kind.NAME, Kind.STRING, Kind.INTEGER, Kind.FLOAT);
    private static final Set<String> NO_ARGUMENTS = Set.of("else", "or", "and", "if", "is");

    private final TokenStream tokens;

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
    }

    /** An expression, or a tuple without parentheses. */
    Expression parseTuple() {
        Expression first = parse();
        if (!tokens.peek().isOperator(",")) {
            return first;
        }
        List<Expression> elements = new ArrayList<>(List.of(first));
        while (tokens.skipOperator(",") && !atEnd()) {
            elements.add(parse());
        }
        return new Expression.TupleLiteral(elements);
    }

    Expression parse() {
        Expression value = or();
        while (tokens.skipName("if")) {
            Expression test = or();
            Optional<Expression> otherwise =
                    tokens.skipName("else") ? Optional.of(parse()) : Optional.empty();
            value = new Expression.Conditional(test, value, otherwise);
        }
        return value;
    }

    /** As {@link #parse} without a trailing {@code if}, which belongs to a loop. */
    Expression parseWithoutCondition() {
        return or();
    }

    private boolean atEnd() {
        Token token = tokens.peek();
        return token.kind() == Kind.BLOCK_END
                || token.kind() == Kind.VARIABLE_END
                || token.isOperator("=")
                || token.isOperator(")");
    }

    private Expression or() {
        Expression left = and();
        while (tokens.skipName("or")) {
            left = new Expression.Or(left, and());
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.skipName("and")) {
            left = new Expression.And(left, not());
        }
        return left;
    }

    private Expression not() {
        return tokens.skipName("not") ? new Expression.Not(not()) : comparison();
    }

    private Expression comparison() {
        Expression first = sum();
        List<Expression.Link> links = new ArrayList<>();
        while (true) {
            Token token = tokens.peek();
            if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text())) {
                tokens.next();
                links.add(new Expression.Link(token.text(), sum()));
            } else if (tokens.skipName("in")) {
                links.add(new Expression.Link("in", sum()));
            } else if (token.isName("not") && tokens.peekSecond().isName("in")) {
                tokens.next();
                tokens.next();
                links.add(new Expression.Link("not in", sum()));
            } else {
                return links.isEmpty() ? first : new Expression.Comparison(first, links);
            }
        }
    }

    private Expression sum() {
        Expression left = concatenation();
        while (tokens.peek().isOperator("+") || tokens.peek().isOperator("-")) {
            left = new Expression.Binary(tokens.next().text(), left, concatenation());
        }
        return left;
    }

    private Expression concatenation() {
        Expression first = product();
        if (!tokens.peek().isOperator("~")) {
            return first;
        }
        List<Expression> parts = new ArrayList<>(List.of(first));
        while (tokens.skipOperator("~")) {
            parts.add(product());
        }
        return new Expression.Concatenation(parts);
    }

    private Expression product() {
        Expression left = power();
        while (isProduct(tokens.peek())) {
            left = new Expression.Binary(tokens.next().text(), left, power());
        }
        return left;
    }

    private static boolean isProduct(Token token) {
        return token.isOperator("*")
                || token.isOperator("/")
                || token.isOperator("//")
                || token.isOperator("%");
    }

    private Expression power() {
        Expression left = unary(true);
        while (tokens.skipOperator("**")) {
            left = new Expression.Binary("**", left, unary(true));
        }
        return left;
    }

    private Expression unary(boolean withFilters) {
        Expression value;
        if (tokens.peek().isOperator("-") || tokens.peek().isOperator("+")) {
            boolean negative = tokens.next().text().equals("-");
            value = new Expression.Sign(negative, unary(false));
        } else {
            value = postfix(new PrimaryParser(tokens, this).parse());
        }
        return withFilters ? filters(value) : value;
    }

    private Expression postfix(Expression start) {
        Expression value = start;
        while (true) {
            if (tokens.skipOperator(".")) {
                Token name = tokens.next();
                value =
                        switch (name.kind()) {
                            case NAME -> new Expression.Attribute(value, name.text());
                            case INTEGER ->
                                    new Expression.Item(
                                            value,
                                            new Expression.Literal(Long.valueOf(name.text())));
                            default ->
                                    throw JinjaException.syntax(
                                            name.line(),
                                            "expected a name, found " + name.describe());
                        };
            } else if (tokens.skipOperator("[")) {
                value = subscript(value);
            } else if (tokens.peek().isOperator("(")) {
                value = new Expression.Call(value, arguments());
            } else {
                return value;
            }
        }
    }

    private Expression subscript(Expression target) {
        List<Optional<Expression>> parts = new ArrayList<>(List.of(slicePart()));
        while (tokens.skipOperator(":")) {
            parts.add(slicePart());
        }
        if (tokens.peek().isOperator(",")) {
            throw JinjaException.unsupported(
                    tokens.peek().line(), "a subscript of several indices");
        }
        tokens.expectOperator("]");
        if (parts.size() == 1) {
            return new Expression.Item(
                    target, parts.getFirst().orElseThrow(() -> tokens.expected("an index")));
        }
        Optional<Expression> step = parts.size() > 2 ? parts.get(2) : Optional.empty();
        return new Expression.Slice(target, parts.get(0), parts.get(1), step);
    }

    private Optional<Expression> slicePart() {
        boolean absent = tokens.peek().isOperator(":") || tokens.peek().isOperator("]");
        return absent ? Optional.empty() : Optional.of(parse());
    }

    Expression filters(Expression start) {
        Expression value = start;
        while (true) {
            if (tokens.skipOperator("|")) {
                value = filter(value);
            } else if (tokens.skipName("is")) {
                value = test(value);
            } else if (tokens.peek().isOperator("(")) {
                value = new Expression.Call(value, arguments());
            } else {
                return value;
            }
        }
    }

    Expression.Filter filter(Expression value) {
        String name = dottedName();
        CallArguments arguments = tokens.peek().isOperator("(") ? arguments() : CallArguments.NONE;
        return new Expression.Filter(value, name, arguments);
    }

    private String dottedName() {
        StringBuilder name = new StringBuilder(tokens.expect(Kind.NAME).text());
        while (tokens.skipOperator(".")) {
            name.append('.').append(tokens.expect(Kind.NAME).text());
        }
        return name.toString();
    }

    private Expression test(Expression value) {
        boolean negated = tokens.skipName("not");
        String name = dottedName();
        CallArguments arguments = CallArguments.NONE;
        Token token = tokens.peek();
        if (token.isOperator("(")) {
            arguments = arguments();
        } else if ((ARGUMENT_STARTS.contains(token.kind())
                        && !(token.kind() == Kind.NAME && NO_ARGUMENTS.contains(token.text())))
                || token.isOperator("[")
                || token.isOperator("{")) {
            Expression argument = postfix(new PrimaryParser(tokens, this).parse());
            arguments = new CallArguments(List.of(argument), Map.of());
        }
        Expression test = new Expression.Test(value, name, arguments);
        return negated ? new Expression.Not(test) : test;
    }

    private CallArguments arguments() {
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        while (!tokens.skipOperator(")")) {
            if (tokens.peek().isOperator("*") || tokens.peek().isOperator("**")) {
                throw JinjaException.unsupported(tokens.peek().line(), "unpacking of arguments");
            }
            if (tokens.peek().kind() == Kind.NAME && tokens.peekSecond().isOperator("=")) {
                String name = tokens.next().text();
                tokens.next();
                named.put(name, parse());
            } else if (named.isEmpty()) {
                positional.add(parse());
            } else {
                throw tokens.expected("a named argument");
            }
            if (!tokens.peek().isOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        return new CallArguments(positional, named);
    }
}
