package dev.plumbline.engine.checkpoint.jinja;

import dev.plumbline.engine.checkpoint.jinja.Expression.CallArguments;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Values of expressions. */
final class Evaluator {
    /** Steps after which a template is taken for a trap. */
    private static final long MAXIMUM_STEPS = 20_000_000;

    private long steps;

    Object evaluate(Expression expression, Scope scope) {
        if (++steps > MAXIMUM_STEPS) {
            throw JinjaException.failed("the template takes too many steps");
        }
        return switch (expression) {
            case Expression.Literal literal -> literal.value();
            case Expression.Name name -> scope.get(name.name());
            case Expression.ListLiteral list -> all(list.elements(), scope);
            case Expression.TupleLiteral tuple -> new Tuple(all(tuple.elements(), scope));
            case Expression.DictLiteral dict -> dict(dict, scope);
            case Expression.Attribute attribute ->
                    Attributes.attribute(evaluate(attribute.target(), scope), attribute.name());
            case Expression.Item item ->
                    Attributes.subscript(
                            evaluate(item.target(), scope), evaluate(item.index(), scope));
            case Expression.Slice slice ->
                    Attributes.slice(
                            evaluate(slice.target(), scope),
                            optional(slice.start(), scope),
                            optional(slice.stop(), scope),
                            optional(slice.step(), scope));
            case Expression.Call call -> call(call, scope);
            case Expression.Filter filter ->
                    Filters.apply(
                            filter.name(),
                            evaluate(filter.value(), scope),
                            arguments(filter.arguments(), scope));
            case Expression.Test test ->
                    Tests.apply(
                            test.name(),
                            evaluate(test.value(), scope),
                            arguments(test.arguments(), scope));
            case Expression.Concatenation concatenation -> {
                StringBuilder text = new StringBuilder();
                all(concatenation.parts(), scope).forEach(v -> text.append(Printer.text(v)));
                yield text.toString();
            }
            default -> logic(expression, scope);
        };
    }

    private Object logic(Expression expression, Scope scope) {
        return switch (expression) {
            case Expression.Not not -> !Values.truth(evaluate(not.value(), scope));
            case Expression.And and -> {
                Object left = evaluate(and.left(), scope);
                yield Values.truth(left) ? evaluate(and.right(), scope) : left;
            }
            case Expression.Or or -> {
                Object left = evaluate(or.left(), scope);
                yield Values.truth(left) ? left : evaluate(or.right(), scope);
            }
            case Expression.Sign sign -> sign(sign, scope);
            case Expression.Binary binary ->
                    Operators.apply(
                            binary.operator(),
                            evaluate(binary.left(), scope),
                            evaluate(binary.right(), scope));
            case Expression.Comparison comparison -> compare(comparison, scope);
            case Expression.Conditional conditional -> {
                if (Values.truth(evaluate(conditional.test(), scope))) {
                    yield evaluate(conditional.then(), scope);
                }
                yield conditional.otherwise().isPresent()
                        ? evaluate(conditional.otherwise().get(), scope)
                        : new Undefined(
                                "the inline if-expression evaluated to false and no else section"
                                        + " was defined");
            }
            default -> throw new IllegalStateException(expression.toString());
        };
    }

    Arguments arguments(CallArguments arguments, Scope scope) {
        Map<String, Object> named = new LinkedHashMap<>();
        arguments.named().forEach((name, value) -> named.put(name, evaluate(value, scope)));
        return new Arguments(all(arguments.positional(), scope), named);
    }

    private List<Object> all(List<Expression> expressions, Scope scope) {
        List<Object> values = new ArrayList<>();
        for (Expression expression : expressions) {
            values.add(evaluate(expression, scope));
        }
        return values;
    }

    private Object optional(Optional<Expression> expression, Scope scope) {
        return expression.isPresent() ? evaluate(expression.get(), scope) : None.NONE;
    }

    private Object dict(Expression.DictLiteral literal, Scope scope) {
        Map<Object, Object> dict = new LinkedHashMap<>();
        for (Expression.Entry entry : literal.entries()) {
            dict.put(evaluate(entry.key(), scope), evaluate(entry.value(), scope));
        }
        return dict;
    }

    private Object call(Expression.Call call, Scope scope) {
        Object target = evaluate(call.target(), scope);
        return switch (target) {
            case Callable callable -> callable.call(arguments(call.arguments(), scope));
            case Undefined undefined -> throw undefined.failure();
            default ->
                    throw JinjaException.failed(
                            "'" + Values.typeName(target) + "' object is not callable");
        };
    }

    private Object sign(Expression.Sign sign, Scope scope) {
        Object value = evaluate(sign.value(), scope);
        if (value instanceof Double number) {
            return sign.negative() ? -number : number;
        }
        long number = Values.asInteger(value);
        return sign.negative() ? -number : number;
    }

    private Object compare(Expression.Comparison comparison, Scope scope) {
        Object left = evaluate(comparison.first(), scope);
        for (Expression.Link link : comparison.links()) {
            Object right = evaluate(link.right(), scope);
            if (!holds(link.operator(), left, right)) {
                return false;
            }
            left = right;
        }
        return true;
    }

    private static boolean holds(String operator, Object left, Object right) {
        return switch (operator) {
            case "==" -> Values.equal(left, right);
            case "!=" -> !Values.equal(left, right);
            case "<" -> Values.compare(left, right) < 0;
            case "<=" -> Values.compare(left, right) <= 0;
            case ">" -> Values.compare(left, right) > 0;
            case ">=" -> Values.compare(left, right) >= 0;
            case "in" -> Values.contains(right, left);
            case "not in" -> !Values.contains(right, left);
            default -> throw new IllegalStateException(operator);
        };
    }
}
