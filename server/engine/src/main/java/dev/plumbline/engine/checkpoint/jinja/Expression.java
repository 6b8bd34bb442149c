package dev.plumbline.engine.checkpoint.jinja;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What has a value. */
sealed interface Expression {
    record Literal(Object value) implements Expression {}

    record Name(String name) implements Expression {}

    record ListLiteral(List<Expression> elements) implements Expression {}

    record TupleLiteral(List<Expression> elements) implements Expression {}

    record DictLiteral(List<Entry> entries) implements Expression {}

    record Entry(Expression key, Expression value) {}

    /** {@code target.name}. */
    record Attribute(Expression target, String name) implements Expression {}

    /** {@code target[index]}. */
    record Item(Expression target, Expression index) implements Expression {}

    /** {@code target[start:stop:step]}. */
    record Slice(
            Expression target,
            Optional<Expression> start,
            Optional<Expression> stop,
            Optional<Expression> step)
            implements Expression {}

    record Call(Expression target, CallArguments arguments) implements Expression {}

    /** {@code value | name(arguments)}. */
    record Filter(Expression value, String name, CallArguments arguments) implements Expression {}

    /** {@code value is name(arguments)}. */
    record Test(Expression value, String name, CallArguments arguments) implements Expression {}

    record Not(Expression value) implements Expression {}

    record And(Expression left, Expression right) implements Expression {}

    record Or(Expression left, Expression right) implements Expression {}

    record Sign(boolean negative, Expression value) implements Expression {}

    record Binary(String operator, Expression left, Expression right) implements Expression {}

    /** {@code first < second <= third …}: every link holds. */
    record Comparison(Expression first, List<Link> links) implements Expression {}

    record Link(String operator, Expression right) {}

    /** {@code a ~ b}. */
    record Concatenation(List<Expression> parts) implements Expression {}

    /** {@code then if test else otherwise}. */
    record Conditional(Expression test, Expression then, Optional<Expression> otherwise)
            implements Expression {}

    record CallArguments(List<Expression> positional, Map<String, Expression> named) {
        static final CallArguments NONE = new CallArguments(List.of(), Map.of());
    }
}
