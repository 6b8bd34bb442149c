package dev.plumbline.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.longrunning.Operation;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.plumbline.cli.output.Json;
import dev.plumbline.cli.output.Table;
import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Session;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.eval.report.SamplingFolder;
import dev.plumbline.v1.AnalysisProgress;
import dev.plumbline.v1.AnalyzeSamplingRequest;
import dev.plumbline.v1.SamplingAnalysis;
import dev.plumbline.v1.SamplingEstimator;
import dev.plumbline.v1.SamplingTiming;
import dev.plumbline.v1.ScoreCorrelation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Holds each way to sample and to weigh negatives against full enumeration. */
@Command(
        name = "sampling",
        description = "Is the importance sampling worth it? Compare it with full enumeration.",
        footer = {
            "",
            "Bias and deviation are relative to what a weighting targets: the pool's sum for raw and",
            "printed, K/N of it for pool, self_normalized and clipped, all subsets of K for none.",
            "",
            "Example, from the repository's folder:",
            "  ./plumbline analyze sampling --model eval-harness/demo/llava \\",
            "    --adapter eval-harness/demo/adapter --clip eval-harness/demo/clip \\",
            "    --pool eval-harness/demo/data/pool --candidates 64 --rows 2 \\",
            "    --data eval-harness/demo/data/preferences.jsonl --out /tmp/sampling"
        })
public final class SamplingCommand implements Callable<Integer> {
    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private AnalysisOptions options = new AnalysisOptions();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Write sampling.json, sampling.csv and sampling.html there.")
    private @Nullable String out;

    private final Shell shell;

    public SamplingCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        References references = options.references();
        try (Session session = common.connect(shell, references)) {
            var names = references.resolve(shell.environment(), session.client());
            AnalyzeSamplingRequest request = options.request(shell.environment(), names);
            Operation begun = session.client().analyses().sampling(request);
            SamplingAnalysis analysis =
                    new OperationWatcher(shell, session.client().operations())
                            .finish(begun, SamplingCommand::step, SamplingAnalysis.class);
            report(analysis, request);
        }
        return 0;
    }

    private static OperationWatcher.Step step(Operation operation) {
        try {
            AnalysisProgress now = operation.getMetadata().unpack(AnalysisProgress.class);
            return new OperationWatcher.Step(
                    now.getPhase(),
                    now.getDone(),
                    now.getTotal(),
                    now.getPerSecond(),
                    now.getRemainingSeconds(),
                    now.getPhase().equals("enumerating") ? "candidates" : "rows");
        } catch (InvalidProtocolBufferException other) {
            throw new IllegalStateException(operation.getName() + " is no analysis", other);
        }
    }

    private void report(SamplingAnalysis analysis, AnalyzeSamplingRequest request)
            throws IOException {
        ObjectNode document = Json.snakeCase(analysis);
        document.set("request", Json.snakeCase(request));
        if (out != null) {
            Path page = SamplingFolder.write(shell.environment().resolve(out), document);
            shell.say("Report: " + page);
        }
        if (common.json()) {
            Json.print(shell.out(), document);
        } else {
            estimators(analysis);
            correlations(analysis);
            timing(analysis.getTiming());
            shell.out().flush();
        }
    }

    private void estimators(SamplingAnalysis analysis) {
        var table =
                new Table(
                        "selector",
                        "sampling",
                        "k",
                        "weighting",
                        "sum bias",
                        "dev",
                        "sigm bias",
                        "dev",
                        "grad bias",
                        "dev",
                        "cosine",
                        "norm",
                        "ess",
                        "variance");
        for (SamplingEstimator it : analysis.getEstimatorsList()) {
            table.row(
                    it.getSelector(),
                    it.getSampling(),
                    it.getK(),
                    it.getWeighting(),
                    text(it.getSumBias()),
                    text(it.getSumDeviation()),
                    text(it.getSigmoidBias()),
                    text(it.getSigmoidDeviation()),
                    text(it.getGradientBias()),
                    text(it.getGradientDeviation()),
                    it.hasCosine() ? text(it.getCosine()) : "",
                    text(it.getNormRatio()),
                    text(it.getEss()),
                    text(it.getWeightVariance()));
        }
        table.print(shell.out());
    }

    private void correlations(SamplingAnalysis analysis) {
        shell.out().println();
        var table = new Table("Spearman of the score of", "with softmax(a)", "with |gradient|");
        for (ScoreCorrelation it : analysis.getCorrelationsList()) {
            table.row(
                    it.getSelector(),
                    it.hasPolicyShare()
                            ? pair(it.getPolicyShare(), it.getPolicyShareError())
                            : "undefined: one score for all",
                    it.hasGradientNorm()
                            ? pair(it.getGradientNorm(), it.getGradientNormError())
                            : "");
        }
        table.print(shell.out());
    }

    private void timing(SamplingTiming timing) {
        shell.out().println();
        double candidate = timing.getSequenceSeconds() + timing.getPictureSeconds();
        shell.out()
                .printf(
                        "passes over all %.0f candidates %.2f s a row, over the own picture and 3 negatives %.3f s%n",
                        timing.getCandidates(),
                        (timing.getCandidates() + 1) * candidate,
                        4 * candidate);
        timing.getSelectorsList()
                .forEach(it ->
                        shell.out()
                                .printf(
                                        "%s: ready in %.1f s, %.4f s to score a row%n",
                                        it.getSelector(),
                                        it.getReadySeconds(),
                                        it.getScoreSeconds()));
    }

    private static String pair(double mean, double error) {
        return "%+.3f ± %.3f".formatted(mean, error);
    }

    private static String text(double value) {
        return Math.abs(value) < 1e4 ? "%.3f".formatted(value) : "%.1e".formatted(value);
    }
}
