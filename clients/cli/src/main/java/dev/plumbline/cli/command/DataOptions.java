package dev.plumbline.cli.command;

import dev.plumbline.cli.server.Environment;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the rows of a data file are read. */
public final class DataOptions {
    @Option(
            names = "--data-format",
            paramLabel = "NAME",
            description =
                    "plumbline, rlhf-v, rlaif-v, mmpr, trl, llama-factory or ms-swift; by default told from the content.")
    private String format = "";

    @Option(
            names = "--images",
            paramLabel = "DIR",
            description = "Paths of pictures are relative to it; by default to the rows' folder.")
    private @Nullable String images;

    @Option(
            names = "--on-bad-row",
            paramLabel = "stop|skip",
            description =
                    "Whether a row that cannot be used stops the work, the default, or is left out and told.")
    private String onBadRow = "";

    String format() {
        return format;
    }

    /** Empty where it is not given. */
    String images(Environment environment) {
        return images == null ? "" : environment.resolve(images).toString();
    }

    String onBadRow() {
        return onBadRow;
    }
}
