package dev.plumbline.engine.checkpoint.jinja;

import java.util.List;
import java.util.Optional;

/** What a template does; {@code line} is where it stands. */
sealed interface Statement {
    int line();

    record Text(String text, int line) implements Statement {}

    record Output(Expression value, int line) implements Statement {}

    record If(List<Branch> branches, List<Statement> otherwise, int line) implements Statement {}

    record Branch(Expression test, List<Statement> body) {}

    record For(
            List<String> targets,
            Expression iterable,
            Optional<Expression> filter,
            List<Statement> body,
            List<Statement> otherwise,
            int line)
            implements Statement {}

    record Assign(List<String> targets, Expression value, int line) implements Statement {}

    /** {@code set namespace.attribute = value}. */
    record AssignAttribute(String namespace, String attribute, Expression value, int line)
            implements Statement {}

    /** {@code set name | filters}, its body, {@code endset}. */
    record AssignBlock(
            String target, List<Expression.Filter> filters, List<Statement> body, int line)
            implements Statement {}

    record Macro(String name, List<Parameter> parameters, List<Statement> body, int line)
            implements Statement {}

    record Parameter(String name, Optional<Expression> fallback) {}

    /** Marks what the model said, for training; prints its body. */
    record Generation(List<Statement> body, int line) implements Statement {}

    record Break(int line) implements Statement {}

    record Continue(int line) implements Statement {}
}
