package dev.plumbline.cli.demo;

import dev.plumbline.cli.command.ServerAnswerer;
import dev.plumbline.cli.output.Progress;
import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.PlumblineClient;
import dev.plumbline.eval.benchmarks.ChairSet;
import dev.plumbline.eval.benchmarks.PopeReader;
import dev.plumbline.eval.report.DemoTable.Measurement;
import dev.plumbline.eval.runner.Cancellation;
import dev.plumbline.eval.runner.Evaluation;
import dev.plumbline.eval.runner.Evaluator;
import dev.plumbline.eval.runner.RunOptions;

/** POPE and CHAIR on the test split. */
record Exam(Shell shell, DemoWorld world) {

    /**
     * Measures a model.
     *
     * @param when "before" or "after", shown with the progress
     */
    Measurement sit(PlumblineClient client, References.Names names, String when) {
        var cancellation = new Cancellation();
        try (Progress progress = shell.progress();
                var _ = shell.interruption().onInterrupt(cancellation::cancel)) {
            var answerer = new ServerAnswerer(client, names);
            Evaluation pope =
                    evaluator(answerer, progress, "POPE, " + when, cancellation)
                            .pope(
                                    PopeReader.read(world.test()),
                                    world.testImages(),
                                    RunOptions.pope());
            Evaluation chair =
                    evaluator(answerer, progress, "CHAIR, " + when, cancellation)
                            .chair(
                                    ChairSet.read(world.test(), null, null),
                                    world.testImages(),
                                    RunOptions.chair());
            return new Measurement(pope, chair);
        }
    }

    private static Evaluator evaluator(
            ServerAnswerer answerer, Progress progress, String task, Cancellation cancellation) {
        return new Evaluator(
                answerer, (done, total) -> progress.update(task, done, total, ""), cancellation);
    }
}
