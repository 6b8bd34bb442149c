package dev.plumbline.cli;

import dev.plumbline.cli.command.AdaptersCommand;
import dev.plumbline.cli.command.AnalyzeCommand;
import dev.plumbline.cli.command.DatasetsCommand;
import dev.plumbline.cli.command.EmbedCommand;
import dev.plumbline.cli.command.EvalCommand;
import dev.plumbline.cli.command.GenerateCommand;
import dev.plumbline.cli.command.MineCommand;
import dev.plumbline.cli.command.ModelsCommand;
import dev.plumbline.cli.command.PluginsCommand;
import dev.plumbline.cli.command.PoolCommand;
import dev.plumbline.cli.command.PreviewCommand;
import dev.plumbline.cli.command.RunsCommand;
import dev.plumbline.cli.command.ScoreCommand;
import dev.plumbline.cli.command.ServeCommand;
import dev.plumbline.cli.command.TokenizeCommand;
import dev.plumbline.cli.command.TrainCommand;
import dev.plumbline.cli.demo.DemoCommand;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** All commands. */
@Command(
        name = "./plumbline",
        description = "Makes vision-language models say what is in the picture.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            GenerateCommand.class,
            ScoreCommand.class,
            TokenizeCommand.class,
            EmbedCommand.class,
            PoolCommand.class,
            PreviewCommand.class,
            MineCommand.class,
            TrainCommand.class,
            EvalCommand.class,
            AnalyzeCommand.class,
            RunsCommand.class,
            ModelsCommand.class,
            AdaptersCommand.class,
            DatasetsCommand.class,
            PluginsCommand.class,
            ServeCommand.class,
            DemoCommand.class
        },
        footer = {
            "",
            "Of the launcher itself: build, test (builds everything, passes all tests), mvn.",
            "Every command shows an example: ./plumbline COMMAND --help",
            "",
            "Example:",
            "  ./plumbline demo"
        })
final class PlumblineCommand implements Runnable {
    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "Missing command.");
        }
    }
}
