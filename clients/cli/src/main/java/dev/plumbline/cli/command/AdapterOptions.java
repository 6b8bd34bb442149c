package dev.plumbline.cli.command;

import dev.plumbline.cli.server.Environment;
import dev.plumbline.v1.ModuleAlpha;
import dev.plumbline.v1.ModuleRank;
import dev.plumbline.v1.TrainingSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the adapter that is trained looks like. */
final class AdapterOptions {
    @Option(
            names = "--init-adapter",
            paramLabel = "DIR",
            description = "PEFT folder to start from; its rank, alpha and targets then hold.")
    private @Nullable String initAdapter;

    @Option(names = "--rank", paramLabel = "N", description = "Of the two factors.")
    private @Nullable Integer rank;

    @Option(
            names = "--alpha",
            paramLabel = "X",
            description = "The update is scaled by alpha / rank.")
    private @Nullable Double alpha;

    @Option(
            names = "--rslora",
            description = "Scale by alpha / sqrt(rank) instead (rank-stabilized LoRA).")
    private boolean rankStabilized;

    @Option(
            names = "--dropout",
            paramLabel = "P",
            description = "Of what enters the adapter's layers, in training only.")
    private @Nullable Double dropout;

    @Option(
            names = "--targets",
            split = ",",
            paramLabel = "NAME",
            description =
                    "Ends of layers' names, for example q_proj,v_proj, or all-linear; default all"
                            + " of the language model.")
    private List<String> targets = new ArrayList<>();

    @Option(
            names = "--target-pattern",
            paramLabel = "REGEX",
            description = "Instead of --targets, for whole names of layers.")
    private String targetPattern = "";

    @Option(
            names = "--exclude",
            split = ",",
            paramLabel = "NAME",
            description = "Ends of names of layers to leave out.")
    private List<String> excluded = new ArrayList<>();

    @Option(
            names = "--exclude-pattern",
            paramLabel = "REGEX",
            description = "Instead of --exclude, for whole names of layers.")
    private String excludePattern = "";

    @Option(
            names = "--rank-pattern",
            paramLabel = "REGEX=N",
            description = "The rank of layers whose names end so; repeatable, the first holds.")
    private Map<String, Integer> ranks = new LinkedHashMap<>();

    @Option(
            names = "--alpha-pattern",
            paramLabel = "REGEX=X",
            description = "The alpha of layers whose names end so; repeatable, the first holds.")
    private Map<String, Double> alphas = new LinkedHashMap<>();

    void into(TrainingSpec.Builder spec, Environment environment) {
        Optional.ofNullable(initAdapter)
                .ifPresent(it -> spec.setInitAdapter(environment.resolve(it).toString()));
        Optional.ofNullable(rank).ifPresent(spec::setRank);
        Optional.ofNullable(alpha).ifPresent(spec::setAlpha);
        if (rankStabilized) {
            spec.setUseRslora(true);
        }
        Optional.ofNullable(dropout).ifPresent(spec::setLoraDropout);
        spec.addAllTargets(targets)
                .setTargetPattern(targetPattern)
                .addAllExcludeModules(excluded)
                .setExcludePattern(excludePattern);
        ranks.forEach((pattern, value) ->
                spec.addRankPattern(ModuleRank.newBuilder().setPattern(pattern).setRank(value)));
        alphas.forEach((pattern, value) ->
                spec.addAlphaPattern(ModuleAlpha.newBuilder().setPattern(pattern).setAlpha(value)));
    }
}
