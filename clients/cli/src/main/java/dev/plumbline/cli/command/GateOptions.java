package dev.plumbline.cli.command;

import dev.plumbline.cli.server.Environment;
import dev.plumbline.v1.TrainingSpec;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a run is examined as it goes. */
final class GateOptions {
    @Option(
            names = "--gate",
            paramLabel = "FILE",
            description = "POPE's questions, not about what is trained on; keeps the best adapter.")
    private @Nullable String data;

    @Option(
            names = "--gate-images",
            paramLabel = "DIR",
            description = "Their pictures; by default images beside the file.")
    private @Nullable String images;

    @Option(
            names = "--gate-every",
            paramLabel = "N",
            description = "Steps between two examinations.")
    private @Nullable Integer every;

    @Option(
            names = "--gate-metric",
            paramLabel = "NAME",
            description = "accuracy, f1, precision, recall or false_yes.")
    private String metric = "";

    @Option(
            names = "--keep-best",
            negatable = true,
            description = "The best adapter is the result, and not the last; so by default.")
    private @Nullable Boolean keepBest;

    @Option(
            names = "--early-stop",
            paramLabel = "N",
            description = "Stop after N examinations without a better one; 0 is never.")
    private int patience;

    void into(TrainingSpec.Builder spec, Environment environment) {
        Optional.ofNullable(data)
                .ifPresent(it -> spec.setGateData(environment.resolve(it).toString()));
        Optional.ofNullable(images)
                .ifPresent(it -> spec.setGateImages(environment.resolve(it).toString()));
        Optional.ofNullable(every).ifPresent(spec::setGateEvery);
        Optional.ofNullable(keepBest).ifPresent(spec::setKeepBest);
        spec.setGateMetric(metric).setEarlyStopPatience(patience);
    }
}
