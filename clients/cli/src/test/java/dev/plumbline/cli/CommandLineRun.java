package dev.plumbline.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.cli.server.Environment;
import dev.plumbline.cli.server.Interruption;
import dev.plumbline.cli.server.Shell;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Optional;

/** One command, run in this process, and what it left. */
record CommandLineRun(int code, String out, String err) {

    /** Runs a command whose folder, and home, is the one given. */
    static CommandLineRun of(Path directory, Path root, String... arguments) {
        var interruption = new Interruption(Thread.currentThread());
        var err = new StringWriter();
        return of(directory, root, interruption, err, arguments);
    }

    static CommandLineRun of(
            Path directory,
            Path root,
            Interruption interruption,
            StringWriter err,
            String... arguments) {
        var out = new StringWriter();
        var environment =
                new Environment(
                        directory, directory.resolve("home"), root, Optional.empty(), false);
        var shell =
                new Shell(environment, new PrintWriter(out), new PrintWriter(err), interruption);
        int code = Main.run(shell, arguments);
        return new CommandLineRun(code, out.toString(), err.toString());
    }

    /** The one document on standard output; fails where there is more than it. */
    JsonNode json() throws IOException {
        var mapper = new ObjectMapper();
        try (var parser = mapper.createParser(out)) {
            JsonNode document = mapper.readTree(parser);
            if (parser.nextToken() != null) {
                throw new AssertionError("more than one document: " + out);
            }
            return document;
        }
    }
}
