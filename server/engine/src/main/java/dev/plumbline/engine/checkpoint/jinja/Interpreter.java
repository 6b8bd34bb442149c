package dev.plumbline.engine.checkpoint.jinja;

import java.util.ArrayList;
import java.util.List;

/** Runs the statements of one rendering. */
final class Interpreter {
    /** Longest text that a template may write. */
    private static final int MAXIMUM_LENGTH = 50_000_000;

    private static final int MAXIMUM_DEPTH = 100;

    private enum Flow {
        NORMAL,
        BREAK,
        CONTINUE
    }

    private final Evaluator evaluator = new Evaluator();
    private StringBuilder output = new StringBuilder();
    private int depth;

    String run(List<Statement> statements, Scope scope) {
        execute(statements, scope);
        return output.toString();
    }

    private Flow execute(List<Statement> statements, Scope scope) {
        for (Statement statement : statements) {
            Flow flow;
            try {
                flow = execute(statement, scope);
            } catch (JinjaException failure) {
                throw failure.at(statement.line());
            }
            if (flow != Flow.NORMAL) {
                return flow;
            }
        }
        return Flow.NORMAL;
    }

    private Flow execute(Statement statement, Scope scope) {
        switch (statement) {
            case Statement.Text text -> write(text.text());
            case Statement.Output out ->
                    write(Printer.text(evaluator.evaluate(out.value(), scope)));
            case Statement.Assign assign ->
                    assign(assign.targets(), evaluator.evaluate(assign.value(), scope), scope);
            case Statement.AssignAttribute assign -> assign(assign, scope);
            case Statement.AssignBlock assign -> assign(assign, scope);
            case Statement.Macro macro -> scope.set(macro.name(), macro(macro, scope));
            case Statement.If conditional -> {
                return choose(conditional, scope);
            }
            case Statement.For loop -> {
                return loop(loop, scope);
            }
            case Statement.Generation generation ->
                    write(capture(generation.body(), new Scope(scope)));
            case Statement.Break ignored -> {
                return Flow.BREAK;
            }
            case Statement.Continue ignored -> {
                return Flow.CONTINUE;
            }
        }
        return Flow.NORMAL;
    }

    private void write(String text) {
        if (output.length() + (long) text.length() > MAXIMUM_LENGTH) {
            throw JinjaException.failed("the template writes too much");
        }
        output.append(text);
    }

    private static void assign(List<String> targets, Object value, Scope scope) {
        if (targets.size() == 1) {
            scope.set(targets.getFirst(), value);
            return;
        }
        List<Object> parts = Values.iterate(value);
        if (parts.size() != targets.size()) {
            throw JinjaException.failed(
                    "%d values for %d names".formatted(parts.size(), targets.size()));
        }
        for (int i = 0; i < parts.size(); i++) {
            scope.set(targets.get(i), parts.get(i));
        }
    }

    private void assign(Statement.AssignAttribute assign, Scope scope) {
        if (!(scope.get(assign.namespace()) instanceof Namespace namespace)) {
            throw JinjaException.failed("cannot assign attribute on non-namespace object");
        }
        namespace.attributes().put(assign.attribute(), evaluator.evaluate(assign.value(), scope));
    }

    private void assign(Statement.AssignBlock assign, Scope scope) {
        Object value = capture(assign.body(), new Scope(scope));
        for (Expression.Filter filter : assign.filters()) {
            value =
                    Filters.apply(
                            filter.name(), value, evaluator.arguments(filter.arguments(), scope));
        }
        scope.set(assign.target(), value);
    }

    /** What the statements write, kept from the output. */
    private String capture(List<Statement> body, Scope scope) {
        if (++depth > MAXIMUM_DEPTH) {
            throw JinjaException.failed("macros call each other too deeply");
        }
        StringBuilder outer = output;
        output = new StringBuilder();
        try {
            execute(body, scope);
            return output.toString();
        } finally {
            output = outer;
            depth--;
        }
    }

    private Flow choose(Statement.If conditional, Scope scope) {
        for (Statement.Branch branch : conditional.branches()) {
            if (Values.truth(evaluator.evaluate(branch.test(), scope))) {
                return execute(branch.body(), scope);
            }
        }
        return execute(conditional.otherwise(), scope);
    }

    private Flow loop(Statement.For loop, Scope scope) {
        List<Object> elements = elements(loop, scope);
        if (elements.isEmpty()) {
            return execute(loop.otherwise(), new Scope(scope));
        }
        LoopState state = new LoopState(elements);
        for (int i = 0; i < elements.size(); i++) {
            state.moveTo(i);
            Scope body = new Scope(scope);
            body.set("loop", state);
            assign(loop.targets(), elements.get(i), body);
            if (execute(loop.body(), body) == Flow.BREAK) {
                break;
            }
        }
        return Flow.NORMAL;
    }

    private List<Object> elements(Statement.For loop, Scope scope) {
        List<Object> all = Values.iterate(evaluator.evaluate(loop.iterable(), scope));
        if (loop.filter().isEmpty()) {
            return all;
        }
        List<Object> chosen = new ArrayList<>();
        for (Object element : all) {
            Scope candidate = new Scope(scope);
            assign(loop.targets(), element, candidate);
            if (Values.truth(evaluator.evaluate(loop.filter().get(), candidate))) {
                chosen.add(element);
            }
        }
        return chosen;
    }

    private Callable macro(Statement.Macro macro, Scope definition) {
        return arguments -> {
            Scope scope = new Scope(definition);
            List<Statement.Parameter> parameters = macro.parameters();
            if (arguments.positional().size() > parameters.size()) {
                throw JinjaException.failed(
                        "macro '%s' takes not more than %d argument(s)"
                                .formatted(macro.name(), parameters.size()));
            }
            for (String name : arguments.named().keySet()) {
                if (parameters.stream().noneMatch(p -> p.name().equals(name))) {
                    throw JinjaException.failed(
                            "macro '%s' takes no keyword argument '%s'"
                                    .formatted(macro.name(), name));
                }
            }
            for (int i = 0; i < parameters.size(); i++) {
                Statement.Parameter parameter = parameters.get(i);
                scope.set(
                        parameter.name(),
                        arguments
                                .get(i, parameter.name())
                                .orElseGet(() -> missing(parameter, scope)));
            }
            return capture(macro.body(), scope);
        };
    }

    private Object missing(Statement.Parameter parameter, Scope scope) {
        return parameter.fallback().isPresent()
                ? evaluator.evaluate(parameter.fallback().get(), scope)
                : new Undefined("parameter '" + parameter.name() + "' was not provided");
    }
}
