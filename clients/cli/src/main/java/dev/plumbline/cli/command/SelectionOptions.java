package dev.plumbline.cli.command;

import dev.plumbline.cli.server.Environment;
import dev.plumbline.v1.SelectionSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How negatives are chosen. What is left out, the server decides. */
final class SelectionOptions {
    @Option(
            names = "--pool",
            required = true,
            paramLabel = "NAME|DIR",
            description = "A pool, or a folder of pictures.")
    private String pool = "";

    @Option(
            names = "--clip",
            paramLabel = "NAME|DIR",
            description =
                    "A CLIP model, or its folder; by default the one that embedded the pool. A"
                            + " folder of pictures is embedded by it.")
    private @Nullable String clip;

    @Option(
            names = "--selector",
            required = true,
            paramLabel = "NAME",
            description = "A selector, see plumbline plugins list.")
    private String selector = "";

    @Option(
            names = "-k",
            defaultValue = "3",
            paramLabel = "K",
            description = "Negatives a row (default 3).")
    private int k;

    @Option(names = "--seed", paramLabel = "N", description = "Of all chance (default 0).")
    private long seed;

    @Option(
            names = "--option",
            paramLabel = "KEY=VALUE",
            description = "An option of the selector; repeatable.")
    private Map<String, String> options = new LinkedHashMap<>();

    @Option(
            names = "--false-negative-margin",
            paramLabel = "X",
            description =
                    "From this share of the own picture's fit to the answer on, a candidate is no"
                            + " negative (default 0.95).")
    private @Nullable Double falseNegativeMargin;

    @Option(
            names = "--duplicate-margin",
            paramLabel = "X",
            description = "Nor from this similarity to the own picture on (default 0.95).")
    private @Nullable Double duplicateMargin;

    @Nullable String clip() {
        return clip;
    }

    /**
     * @param clipName what the server calls the CLIP model, or empty
     */
    SelectionSpec spec(Environment environment, String clipName) {
        var spec =
                SelectionSpec.newBuilder()
                        .setPool(Rows.pool(environment, pool))
                        .setClip(clipName)
                        .setSelector(selector)
                        .setK(k)
                        .setSeed(seed)
                        .putAllOptions(options);
        Optional.ofNullable(falseNegativeMargin).ifPresent(spec::setFalseNegativeMargin);
        Optional.ofNullable(duplicateMargin).ifPresent(spec::setDuplicateMargin);
        return spec.build();
    }
}
