package dev.plumbline.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.cli.output.Json;
import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Session;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.RunClient;
import dev.plumbline.v1.Plan;
import dev.plumbline.v1.Run;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a LoRA adapter on preferences. */
@Command(
        name = "train",
        description = "Train a LoRA adapter on preferences, with several negative pictures a row.",
        footer = {
            "",
            "Example, from the repository's folder (a minute or two):",
            "  ./plumbline train --model eval-harness/demo/llava \\",
            "    --data eval-harness/demo/data/preferences.jsonl \\",
            "    --selector random --pool eval-harness/demo/data/pool -k 3 \\",
            "    --rank 8 --alpha 16 --batch-size 16 --learning-rate 1e-3 --out /tmp/cured"
        })
public final class TrainCommand implements Callable<Integer> {
    @Mixin private CommonOptions common = new CommonOptions();

    @Option(
            names = "--model",
            required = true,
            paramLabel = "NAME|DIR",
            description = "A loaded model, or a Hugging Face folder that the server then loads.")
    private String model = "";

    @Mixin private PrecisionOption precision = new PrecisionOption();

    @Mixin private TrainingOptions training = new TrainingOptions();

    @Option(names = "--plan", description = "Only say what it would cost.")
    private boolean plan;

    private final Shell shell;

    public TrainCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        var references = new References(model, null, precision.text());
        try (Session session = common.connect(shell, references)) {
            var names = references.resolve(shell.environment(), session.client());
            var spec = training.spec(shell.environment()).setModel(names.model()).build();
            RunClient runs = session.client().runs();
            if (plan) {
                print(runs.plan(spec));
            } else {
                Run run = runs.create(spec);
                shell.say("Started " + run.getName());
                long skipped = run.getPlan().getSkippedTotal();
                if (skipped > 0) {
                    shell.say(
                            "%d rows cannot be used and are left out: %s/skipped.jsonl names them, first %s"
                                    .formatted(
                                            skipped,
                                            run.getSpec().getOutput(),
                                            run.getPlan().getSkipped(0).getMessage()));
                }
                print(new RunWatcher(shell).finish(runs, run));
            }
        }
        return 0;
    }

    private void print(Run run) {
        if (common.json()) {
            ObjectNode document =
                    Json.object()
                            .put("run", run.getName())
                            .put("adapter", run.getAdapter())
                            .put("steps", run.getStepsDone());
            document.set("last", Json.snakeCase(run.getLast()));
            Json.print(shell.out(), document);
            return;
        }
        shell.out()
                .printf(
                        "%s: %d steps, loss %.4f%nadapter  %s%n",
                        run.getName(),
                        run.getStepsDone(),
                        run.getLast().getLoss(),
                        run.getAdapter());
        shell.out().flush();
    }

    private void print(Plan cost) {
        ObjectNode document =
                Json.object()
                        .put("rows", cost.getRows())
                        .put("steps", cost.getSteps())
                        .put("trainable_parameters", cost.getTrainableParameters())
                        .put("image_tokens_per_image", cost.getImageTokensPerImage())
                        .put("longest_sequence", cost.getLongestSequence())
                        .put("peak_memory_bytes", cost.getPeakMemoryBytes())
                        .put("passes", cost.getPasses())
                        .put("live_reference", cost.getLiveReference())
                        .put("micro_batch", cost.getMicroBatch());
        document.put("skipped_total", cost.getSkippedTotal());
        var skipped = document.putArray("skipped");
        cost.getSkippedList().forEach(row -> skipped.add(row.getMessage()));
        cost.getProblemsList().forEach(document.putArray("problems")::add);
        if (common.json()) {
            Json.print(shell.out(), document);
            return;
        }
        document.properties()
                .forEach(it -> shell.out().printf("%-24s%s%n", it.getKey(), it.getValue()));
        shell.out().flush();
    }
}
