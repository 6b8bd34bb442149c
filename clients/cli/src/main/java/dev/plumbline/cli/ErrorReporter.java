package dev.plumbline.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.cli.output.Json;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.PlumblineClientException;
import dev.plumbline.eval.benchmarks.EvaluationException;
import io.grpc.Status;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.ParameterException;

/** Says what went wrong: in words on standard error, and as a document where one was asked for. */
record ErrorReporter(Shell shell) {
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;

    /** An exception that nobody expected. */
    private static final String BUG = "CLIENT_BUG";

    int usage(ParameterException failure, String[] arguments) {
        String command = failure.getCommandLine().getCommandSpec().qualifiedName();
        String message = failure.getMessage() + ". See: " + command + " --help";
        report(
                new PlumblineClientException(
                        Status.Code.INVALID_ARGUMENT, "WRONG_USAGE", message, Map.of()),
                arguments);
        return WRONG_USAGE;
    }

    int failure(Exception failure, String[] arguments) {
        report(asClientException(failure), arguments);
        return FAILED;
    }

    private static PlumblineClientException asClientException(Exception failure) {
        return switch (failure) {
            case PlumblineClientException known -> known;
            case EvaluationException evaluation -> asClientException(evaluation);
            case IOException io ->
                    new PlumblineClientException(
                            Status.Code.UNAVAILABLE,
                            "INPUT_OUTPUT",
                            io.getClass().getSimpleName() + ": " + io.getMessage(),
                            Map.of(),
                            io);
            default ->
                    new PlumblineClientException(
                            Status.Code.INTERNAL, BUG, failure.toString(), Map.of(), failure);
        };
    }

    /** Where a call failed, the server's own code and reason count. */
    private static PlumblineClientException asClientException(EvaluationException failure) {
        var metadata = new TreeMap<>(failure.metadata());
        Status.Code code = Status.Code.valueOf(failure.code().name());
        if (failure.getCause() instanceof PlumblineClientException cause) {
            code = cause.code();
            metadata.put("cause_reason", cause.reason());
        }
        return new PlumblineClientException(
                code, failure.reason(), String.valueOf(failure.getMessage()), metadata, failure);
    }

    private void report(PlumblineClientException failure, String[] arguments) {
        if (Arrays.asList(arguments).contains("--json")) {
            Json.print(shell.out(), document(failure));
        }
        if (failure.getCause() instanceof RuntimeException bug && failure.reason().equals(BUG)) {
            bug.printStackTrace(shell.err());
        }
        shell.say("Error: " + failure.text() + " (" + failure.reason() + ")");
    }

    private static ObjectNode document(PlumblineClientException failure) {
        ObjectNode document = Json.object();
        ObjectNode error =
                document.putObject("error")
                        .put("code", failure.code().name())
                        .put("reason", failure.reason())
                        .put("message", failure.text());
        ObjectNode metadata = error.putObject("metadata");
        failure.metadata().forEach(metadata::put);
        return document;
    }
}
