package dev.plumbline.cli.command;

import dev.plumbline.cli.server.References;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model answers. */
public final class ModelOptions {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "NAME|DIR",
            description = "A loaded model, or a Hugging Face folder that the server then loads.")
    private String model = "";

    @Option(
            names = "--adapter",
            paramLabel = "NAME|DIR",
            description = "A loaded adapter, or a PEFT folder that the server then loads.")
    private @Nullable String adapter;

    @Mixin private PrecisionOption precision = new PrecisionOption();

    public References references() {
        return new References(model, adapter, precision.text());
    }
}
