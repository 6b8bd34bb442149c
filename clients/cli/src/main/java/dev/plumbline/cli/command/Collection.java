package dev.plumbline.cli.command;

import com.google.protobuf.Message;
import dev.plumbline.cli.output.Json;
import dev.plumbline.cli.output.Table;
import dev.plumbline.cli.server.Session;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.PlumblineClient;
import java.io.IOException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What commands on resources have in common: one call, and its answer as a document or as text. */
record Collection(Shell shell, CommonOptions common) {

    /** Calls, and prints the answer. */
    <T extends Message> int print(Function<PlumblineClient, T> call, Consumer<T> asText)
            throws IOException {
        try (Session session = common.connect(shell)) {
            T answer = call.apply(session.client());
            if (common.json()) {
                Json.printResource(shell.out(), answer);
            } else {
                asText.accept(answer);
            }
        }
        return 0;
    }

    /** Prints the fields of a resource, a line each. */
    <T extends Message> int print(Function<PlumblineClient, T> call) throws IOException {
        return print(
                call,
                resource -> {
                    var table = new Table("field", "value");
                    Json.snakeCase(resource)
                            .properties()
                            .forEach(it -> table.row(it.getKey(), text(it.getValue())));
                    table.print(shell.out());
                });
    }

    private static String text(com.fasterxml.jackson.databind.JsonNode value) {
        return value.isValueNode() ? value.asText() : value.toString();
    }

    /** For a command that was called without its verb. */
    static ParameterException missingVerb(@Nullable CommandSpec spec) {
        if (spec == null) {
            throw new IllegalStateException("not called by picocli");
        }
        return new ParameterException(
                spec.commandLine(),
                "Missing verb: one of " + String.join(", ", spec.subcommands().keySet()));
    }
}
