package dev.plumbline.cli.command;

import dev.plumbline.cli.server.Environment;
import dev.plumbline.cli.server.References;
import dev.plumbline.v1.AnalyzeSamplingRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a sampling analysis compares. What is left out, the server decides. */
final class AnalysisOptions {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "NAME|DIR",
            description = "A loaded model, or its folder: alone the reference.")
    private String model = "";

    @Option(
            names = "--adapter",
            required = true,
            paramLabel = "NAME|DIR",
            description = "A loaded adapter, or its PEFT folder: with it the policy.")
    private String adapter = "";

    @Option(
            names = "--clip",
            paramLabel = "NAME|DIR",
            description = "A CLIP model, or its folder; by default the one that embedded the pool.")
    private @Nullable String clip;

    @Option(
            names = "--pool",
            required = true,
            paramLabel = "NAME|DIR",
            description = "A pool, or a folder of pictures.")
    private String pool = "";

    @Option(
            names = "--data",
            required = true,
            paramLabel = "ROWS|NAME",
            description = "JSON Lines with image, prompt, chosen, rejected; or datasets/NAME.")
    private String data = "";

    @Option(
            names = "--selector",
            split = ",",
            paramLabel = "NAME",
            description = "Selectors, repeatable or with commas (default sae,random).")
    private List<String> selectors = new ArrayList<>();

    @Option(names = "--rows", paramLabel = "N", description = "Rows, evenly spaced (default 8).")
    private int rows;

    @Option(
            names = "--draws",
            paramLabel = "N",
            description = "Of each estimator for each row (default 2000).")
    private int draws;

    @Option(
            names = "--candidates",
            paramLabel = "N",
            description = "At most so many a row, drawn from the pool; without it all, up to 512.")
    private int candidates;

    @Option(
            names = "-k",
            split = ",",
            paramLabel = "K",
            description = "Negatives, repeatable or with commas (default 1,2,3,4,5,8).")
    private List<Integer> ks = new ArrayList<>();

    @Option(names = "--beta", paramLabel = "X", description = "Of the loss (default 0.5).")
    private @Nullable Double beta;

    @Option(
            names = "--clip-weight",
            paramLabel = "X",
            description = "Largest weight of weighting=clipped (default 2).")
    private @Nullable Double clipWeight;

    @Option(names = "--seed", paramLabel = "N", description = "Of all chance (default 0).")
    private long seed;

    References references() {
        return new References(model, adapter).withClip(clip);
    }

    AnalyzeSamplingRequest request(Environment environment, References.Names names) {
        var request =
                AnalyzeSamplingRequest.newBuilder()
                        .setModel(names.model())
                        .setAdapter(names.adapter())
                        .setClip(names.clip())
                        .setPool(Rows.pool(environment, pool))
                        .setData(Rows.data(environment, data))
                        .addAllSelectors(selectors)
                        .setRows(rows)
                        .setDraws(draws)
                        .setCandidates(candidates)
                        .addAllK(ks)
                        .setSeed(seed);
        Optional.ofNullable(beta).ifPresent(request::setBeta);
        Optional.ofNullable(clipWeight).ifPresent(request::setClipWeight);
        return request.build();
    }
}
