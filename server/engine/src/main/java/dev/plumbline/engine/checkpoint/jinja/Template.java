package dev.plumbline.engine.checkpoint.jinja;

import java.time.Clock;
import java.util.List;
import java.util.Map;

/** A template that was read; renders any number of times, from any thread. */
public final class Template {
    private final List<Statement> statements;
    private final Clock clock;

    private Template(List<Statement> statements, Clock clock) {
        this.statements = statements;
        this.clock = clock;
    }

    /**
     * Reads a template.
     *
     * @param clock what {@code strftime_now} reads
     * @throws JinjaException of the kinds SYNTAX and UNSUPPORTED
     */
    public static Template parse(String source, Clock clock) {
        try {
            return new Template(StatementParser.parse(source), clock);
        } catch (StackOverflowError tooDeep) {
            throw JinjaException.syntax(1, "the template is nested too deeply");
        }
    }

    /**
     * Renders with these variables: strings, numbers, booleans, null, lists and maps of them.
     *
     * @throws JinjaException of the kinds UNSUPPORTED, FAILED and RAISED
     */
    public String render(Map<String, ?> variables) {
        Scope scope = new Scope(Globals.scope(clock));
        variables.forEach((name, value) -> scope.set(name, Values.of(value)));
        try {
            return new Interpreter().run(statements, scope);
        } catch (StackOverflowError tooDeep) {
            throw new JinjaException(
                    JinjaException.Kind.FAILED, 1, "the template is nested too deeply");
        }
    }
}
