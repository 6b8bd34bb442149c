package dev.plumbline.cli.command;

import dev.plumbline.v1.GenerateRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How the next token is chosen, and when to stop. */
public final class SamplingOptions {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    private int maxNewTokens = 256;

    @Option(names = "--temperature", defaultValue = "0", description = "0 is greedy, the default.")
    private double temperature;

    @Option(
            names = "--top-p",
            paramLabel = "X",
            description = "Sample from the likeliest tokens of this mass.")
    private double topP;

    @Option(
            names = "--top-k",
            paramLabel = "N",
            description = "Sample from so many of the likeliest tokens.")
    private int topK;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "For sampling; default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--stop",
            paramLabel = "TEXT",
            description = "The answer ends before this text; repeatable.")
    private List<String> stop = new ArrayList<>();

    @Option(
            names = "--logprobs",
            paramLabel = "N",
            description = "Also report the N likeliest tokens at each place, at most 20.")
    private int logprobs;

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            defaultValue = "256",
            description = "At most so many tokens; default ${DEFAULT-VALUE}.")
    void setMaxNewTokens(int value) {
        if (value < 1 && command != null) {
            throw new ParameterException(
                    command.commandLine(),
                    "--max-new-tokens is " + value + " but must be at least 1");
        }
        maxNewTokens = value;
    }

    GenerateRequest.Builder request() {
        return GenerateRequest.newBuilder()
                .setMaxNewTokens(maxNewTokens)
                .setTemperature(temperature)
                .setTopP(topP)
                .setTopK(topK)
                .setSeed(seed)
                .addAllStop(stop)
                .setTopLogprobs(logprobs);
    }
}
