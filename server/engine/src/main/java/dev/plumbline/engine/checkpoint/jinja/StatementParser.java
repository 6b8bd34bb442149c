package dev.plumbline.engine.checkpoint.jinja;

import dev.plumbline.engine.checkpoint.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Statements between the tags of a template. */
final class StatementParser {
    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private int loops;

    private StatementParser(TokenStream tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    static List<Statement> parse(String template) {
        return new StatementParser(new TokenStream(Lexer.tokens(template))).body(Set.of(), 1);
    }

    /** Up to a block that begins with one of {@code ends}; that name is the next token then. */
    private List<Statement> body(Set<String> ends, int line) {
        List<Statement> statements = new ArrayList<>();
        while (true) {
            Token token = tokens.next();
            switch (token.kind()) {
                case DATA -> statements.add(new Statement.Text(token.text(), token.line()));
                case VARIABLE_BEGIN -> {
                    Expression value = expressions.parseTuple();
                    tokens.expect(Kind.VARIABLE_END);
                    statements.add(new Statement.Output(value, token.line()));
                }
                case BLOCK_BEGIN -> {
                    if (ends.contains(tokens.peek().text())) {
                        return statements;
                    }
                    statements.add(block());
                }
                case END -> {
                    if (ends.isEmpty()) {
                        return statements;
                    }
                    throw JinjaException.syntax(
                            line, "the block is not closed by " + String.join(" or ", ends));
                }
                default -> throw new IllegalStateException(token.toString());
            }
        }
    }

    private Statement block() {
        Token name = tokens.expect(Kind.NAME);
        int line = name.line();
        return switch (name.text()) {
            case "if" -> conditional(line);
            case "for" -> loop(line);
            case "set" -> assignment(line);
            case "macro" -> macro(line);
            case "generation" -> {
                tokens.expect(Kind.BLOCK_END);
                yield new Statement.Generation(bodyUntil("endgeneration", line), line);
            }
            case "break" -> inLoop(new Statement.Break(line));
            case "continue" -> inLoop(new Statement.Continue(line));
            case "include", "import", "from", "extends", "block", "call", "filter", "with" ->
                    throw JinjaException.unsupported(line, "the block '" + name.text() + "'");
            default -> throw JinjaException.syntax(line, "unknown block '" + name.text() + "'");
        };
    }

    private Statement inLoop(Statement statement) {
        if (loops == 0) {
            throw JinjaException.syntax(statement.line(), "'break' or 'continue' outside a loop");
        }
        tokens.expect(Kind.BLOCK_END);
        return statement;
    }

    private List<Statement> bodyUntil(String end, int line) {
        List<Statement> body = body(Set.of(end), line);
        tokens.expectName(end);
        tokens.expect(Kind.BLOCK_END);
        return body;
    }

    private Statement conditional(int line) {
        Set<String> ends = Set.of("elif", "else", "endif");
        List<Statement.Branch> branches = new ArrayList<>();
        List<Statement> otherwise = List.of();
        do {
            Expression test = expressions.parseTuple();
            tokens.expect(Kind.BLOCK_END);
            branches.add(new Statement.Branch(test, body(ends, line)));
        } while (tokens.skipName("elif"));
        if (tokens.skipName("else")) {
            tokens.expect(Kind.BLOCK_END);
            otherwise = body(Set.of("endif"), line);
        }
        tokens.expectName("endif");
        tokens.expect(Kind.BLOCK_END);
        return new Statement.If(branches, otherwise, line);
    }

    private Statement loop(int line) {
        List<String> targets = targets();
        tokens.expectName("in");
        Expression iterable = expressions.parseWithoutCondition();
        Optional<Expression> filter =
                tokens.skipName("if") ? Optional.of(expressions.parse()) : Optional.empty();
        if (tokens.peek().isName("recursive")) {
            throw JinjaException.unsupported(line, "a recursive loop");
        }
        tokens.expect(Kind.BLOCK_END);
        loops++;
        List<Statement> body = body(Set.of("else", "endfor"), line);
        loops--;
        List<Statement> otherwise = List.of();
        if (tokens.skipName("else")) {
            tokens.expect(Kind.BLOCK_END);
            otherwise = body(Set.of("endfor"), line);
        }
        tokens.expectName("endfor");
        tokens.expect(Kind.BLOCK_END);
        return new Statement.For(targets, iterable, filter, body, otherwise, line);
    }

    private List<String> targets() {
        boolean parenthesized = tokens.skipOperator("(");
        List<String> targets = new ArrayList<>();
        do {
            targets.add(tokens.expect(Kind.NAME).text());
        } while (tokens.skipOperator(",") && tokens.peek().kind() == Kind.NAME);
        if (parenthesized) {
            tokens.expectOperator(")");
        }
        return targets;
    }

    private Statement assignment(int line) {
        if (tokens.peekSecond().isOperator(".")) {
            String namespace = tokens.expect(Kind.NAME).text();
            tokens.expectOperator(".");
            String attribute = tokens.expect(Kind.NAME).text();
            tokens.expectOperator("=");
            return new Statement.AssignAttribute(namespace, attribute, value(), line);
        }
        List<String> targets = targets();
        if (tokens.skipOperator("=")) {
            return new Statement.Assign(targets, value(), line);
        }
        List<Expression.Filter> filters = new ArrayList<>();
        while (tokens.skipOperator("|")) {
            // The value that is filtered is the body, known only when it has run.
            filters.add(expressions.filter(new Expression.Literal("")));
        }
        tokens.expect(Kind.BLOCK_END);
        return new Statement.AssignBlock(
                targets.getFirst(), filters, bodyUntil("endset", line), line);
    }

    private Expression value() {
        Expression value = expressions.parseTuple();
        tokens.expect(Kind.BLOCK_END);
        return value;
    }

    private Statement macro(int line) {
        String name = tokens.expect(Kind.NAME).text();
        tokens.expectOperator("(");
        List<Statement.Parameter> parameters = new ArrayList<>();
        while (!tokens.skipOperator(")")) {
            String parameter = tokens.expect(Kind.NAME).text();
            Optional<Expression> fallback =
                    tokens.skipOperator("=") ? Optional.of(expressions.parse()) : Optional.empty();
            parameters.add(new Statement.Parameter(parameter, fallback));
            if (!tokens.peek().isOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        tokens.expect(Kind.BLOCK_END);
        int outer = loops;
        loops = 0;
        List<Statement> body = bodyUntil("endmacro", line);
        loops = outer;
        return new Statement.Macro(name, parameters, body, line);
    }
}
