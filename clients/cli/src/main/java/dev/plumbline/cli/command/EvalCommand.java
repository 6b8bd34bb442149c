package dev.plumbline.cli.command;

import dev.plumbline.cli.output.Json;
import dev.plumbline.cli.output.Progress;
import dev.plumbline.cli.output.Table;
import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Session;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.eval.benchmarks.Figure;
import dev.plumbline.eval.benchmarks.Interval;
import dev.plumbline.eval.benchmarks.PairedBootstrap;
import dev.plumbline.eval.report.EvaluationFolder;
import dev.plumbline.eval.report.ResultDocument;
import dev.plumbline.eval.runner.Cancellation;
import dev.plumbline.eval.runner.Evaluation;
import dev.plumbline.eval.runner.Evaluator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures how much a model hallucinates. */
@Command(
        name = "eval",
        description = "Measure how much a model hallucinates.",
        footer = {
            "",
            "Example, from the repository's folder:",
            "  ./plumbline eval --model eval-harness/demo/llava --benchmark pope \\",
            "    --data eval-harness/demo/data/dev/pope_adversarial.jsonl --out /tmp/pope"
        })
public final class EvalCommand implements Callable<Integer> {
    private static final long BOOTSTRAP_SEED = 0;

    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private ModelOptions model = new ModelOptions();
    @Mixin private BenchmarkOptions benchmark = new BenchmarkOptions();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Write answers.jsonl, results.json and report.html there.")
    private @Nullable String out;

    private final Shell shell;

    public EvalCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        benchmark.check();
        try (Session session = common.connect(shell, model.references())) {
            var names = model.references().resolve(shell.environment(), session.client());
            report(evaluate(session, names), names);
        }
        return 0;
    }

    private Evaluation evaluate(Session session, References.Names names) {
        var cancellation = new Cancellation();
        var answerer = new ServerAnswerer(session.client(), names);
        try (Progress progress = shell.progress();
                var _ = shell.interruption().onInterrupt(cancellation::cancel)) {
            var evaluator =
                    new Evaluator(
                            answerer,
                            (done, total) -> progress.update(benchmark.name(), done, total, ""),
                            cancellation);
            return benchmark.run(evaluator, shell.environment());
        }
    }

    private void report(Evaluation evaluation, References.Names names) {
        var intervals = new PairedBootstrap(BOOTSTRAP_SEED).intervals(evaluation.card());
        var settings = new LinkedHashMap<String, String>();
        settings.put("model", names.model());
        settings.put("adapter", names.adapter().isEmpty() ? "none" : names.adapter());
        settings.putAll(benchmark.settings(shell.environment()));
        evaluation.warnings().forEach(shell::say);
        if (out != null) {
            Path folder = shell.environment().resolve(out);
            Path images = benchmark.images(shell.environment());
            EvaluationFolder.write(folder, evaluation, intervals, settings, images);
            shell.say("Report: " + folder.resolve("report.html"));
        }
        if (common.json()) {
            Json.print(shell.out(), ResultDocument.of(evaluation, intervals, settings));
        } else {
            table(evaluation, intervals);
        }
    }

    private void table(Evaluation evaluation, Map<String, Interval> intervals) {
        var table = new Table("metric", "value", "95 % interval");
        evaluation
                .card()
                .figures()
                .forEach(
                        (name, figure) -> table.row(name, text(figure), text(intervals.get(name))));
        table.print(shell.out());
    }

    private static String text(Figure figure) {
        return switch (figure) {
            case Figure.Measured(double value) -> "%.4f".formatted(value);
            case Figure.Undefined(String reason) -> "undefined: " + reason;
        };
    }

    private static String text(@Nullable Interval interval) {
        return interval == null ? "" : "[%.4f, %.4f]".formatted(interval.low(), interval.high());
    }
}
