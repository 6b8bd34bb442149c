package dev.plumbline.cli.command;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Questions about the method itself. */
@Command(
        name = "analyze",
        description = "Answer questions about the method itself.",
        subcommands = SamplingCommand.class,
        footer = {"", "Example:", "  ./plumbline analyze sampling --help"})
public final class AnalyzeCommand implements Runnable {
    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    @Override
    public void run() {
        throw Collection.missingVerb(spec);
    }
}
