package dev.plumbline.cli.command;

import dev.plumbline.cli.server.Environment;
import dev.plumbline.v1.TrainingSpec;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** A training run in words. What is left out, the server decides. */
public final class TrainingOptions {
    @Option(
            names = "--data",
            required = true,
            paramLabel = "ROWS|NAME",
            description =
                    "Preference rows in any known format, see docs/data.md; or datasets/NAME.")
    private String data = "";

    @ArgGroup(exclusive = false, heading = "%nThe rows:%n")
    private DataOptions rows = new DataOptions();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Adapter and metrics.jsonl; by default in the run's own folder.")
    private @Nullable String out;

    @Option(
            names = "--loss",
            paramLabel = "LOSS",
            description = "Default: \"plackett-luce + 1.0 * dpo\".")
    private String loss = "";

    @Option(
            names = "--option",
            paramLabel = "PLUGIN.KEY=VALUE",
            description = "An option of a loss or of the selector; repeatable.")
    private Map<String, String> options = new LinkedHashMap<>();

    @Option(names = "--beta", paramLabel = "X", description = "Of every loss that has one.")
    private @Nullable Double beta;

    @Option(names = "--weighting", paramLabel = "NAME", description = "Of every loss that has one.")
    private @Nullable String weighting;

    @ArgGroup(exclusive = false, heading = "%nThe adapter:%n")
    private AdapterOptions adapter = new AdapterOptions();

    @ArgGroup(exclusive = false, heading = "%nThe optimizer:%n")
    private OptimizerOptions optimizer = new OptimizerOptions();

    @ArgGroup(exclusive = false, heading = "%nNegatives for rows that have none:%n")
    private NegativeOptions negatives = new NegativeOptions();

    @ArgGroup(exclusive = false, heading = "%nExaminations on the way:%n")
    private GateOptions gate = new GateOptions();

    TrainingSpec.Builder spec(Environment environment) {
        var spec =
                TrainingSpec.newBuilder()
                        .setData(Rows.data(environment, data))
                        .setDataFormat(rows.format())
                        .setImages(rows.images(environment))
                        .setOnBadRow(rows.onBadRow())
                        .setLoss(loss);
        Optional.ofNullable(out)
                .map(environment::resolve)
                .map(Path::toString)
                .ifPresent(spec::setOutput);
        Optional.ofNullable(beta).ifPresent(spec::setBeta);
        Optional.ofNullable(weighting).ifPresent(it -> spec.putLossOptions("weighting", it));
        adapter.into(spec, environment);
        optimizer.into(spec);
        negatives.into(spec, environment);
        gate.into(spec, environment);
        options.forEach((key, value) -> putOption(spec, key, value));
        return spec;
    }

    /** A key that begins with the selector's name is the selector's. */
    private static void putOption(TrainingSpec.Builder spec, String key, String value) {
        String prefix = spec.getSelector() + ".";
        if (!spec.getSelector().isEmpty() && key.startsWith(prefix)) {
            spec.putSelectorOptions(key.substring(prefix.length()), value);
        } else {
            spec.putLossOptions(key, value);
        }
    }

    /** Where negatives come from. */
    static final class NegativeOptions {
        @Option(
                names = "--selector",
                paramLabel = "NAME",
                description = "A selector, see plumbline plugins list.")
        private String selector = "";

        @Option(
                names = "--pool",
                paramLabel = "NAME|DIR",
                description = "A pool, or a folder of pictures.")
        private @Nullable String pool;

        @Option(names = "-k", paramLabel = "K", description = "Negatives a row.")
        private @Nullable Integer k;

        private void into(TrainingSpec.Builder spec, Environment environment) {
            spec.setSelector(selector);
            Optional.ofNullable(pool).ifPresent(it -> spec.setPool(Rows.pool(environment, it)));
            Optional.ofNullable(k).ifPresent(spec::setK);
        }
    }
}
