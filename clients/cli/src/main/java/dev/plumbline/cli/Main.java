package dev.plumbline.cli;

import dev.plumbline.cli.server.Environment;
import dev.plumbline.cli.server.Interruption;
import dev.plumbline.cli.server.Shell;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;

/** The command line: a gRPC client like any other. */
public final class Main {
    /** Held, or the level below is forgotten with the logger. */
    private static final Logger GRPC = Logger.getLogger("io.grpc");

    private Main() {}

    public static void main(String[] arguments) {
        GRPC.setLevel(Level.SEVERE);
        var interruption = new Interruption(Thread.currentThread());
        Runtime.getRuntime().addShutdownHook(new Thread(interruption::interrupt, "interruption"));
        var shell =
                new Shell(
                        Environment.ofProcess(),
                        new PrintWriter(System.out, false, StandardCharsets.UTF_8),
                        new PrintWriter(System.err, false, StandardCharsets.UTF_8),
                        interruption);
        int code = run(shell, arguments);
        interruption.end();
        System.exit(code);
    }

    /** Runs one command to its end; 0 done, 1 failed, 2 wrong usage. */
    static int run(Shell shell, String... arguments) {
        var reporter = new ErrorReporter(shell);
        return new CommandLine(new PlumblineCommand(), new CommandFactory(shell))
                .setOut(shell.out())
                .setErr(shell.err())
                .setParameterExceptionHandler(reporter::usage)
                .setExecutionExceptionHandler(
                        (failure, _, _) -> reporter.failure(failure, arguments))
                .execute(arguments);
    }
}
