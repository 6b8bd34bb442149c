package dev.plumbline.cli.demo;

import dev.plumbline.cli.command.RunWatcher;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.PlumblineClient;
import dev.plumbline.v1.Run;
import dev.plumbline.v1.TrainingSpec;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The training, with the settings that eval-harness/demo/README.md states. */
record Cure(Arm arm, Path data, String model, Path output, long seed) {
    private static final List<String> PROJECTIONS =
            List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

    private TrainingSpec spec() {
        return TrainingSpec.newBuilder()
                .setModel(model)
                .setData(data.toString())
                .setOutput(output.toString())
                .setLoss(arm.loss())
                .setBeta(0.5)
                .setRank(8)
                .setAlpha(16)
                .addAllTargets(PROJECTIONS)
                .setBatchSize(16)
                .setEpochs(1)
                .setLearningRate(1e-3)
                .setWarmup(0.03)
                .setSchedule("cosine")
                .setMaxGradNorm(1)
                .setOrder("shuffled")
                .setSeed(seed)
                .build();
    }

    /** Trains to the end; Ctrl-C cancels the run on the server. */
    Run train(Shell shell, PlumblineClient client) {
        Run started = client.runs().create(spec());
        return new RunWatcher(shell).finish(client.runs(), started);
    }

    /** For the reader of the report. */
    Map<String, String> settings(Run run) {
        TrainingSpec made = run.getSpec();
        var settings = new LinkedHashMap<String, String>();
        settings.put("loss", made.getLoss());
        settings.put("beta", Double.toString(made.getBeta()));
        settings.put("negatives", arm.text());
        settings.put(
                "rows",
                "%d, epochs %d, batches of %d"
                        .formatted(run.getPlan().getRows(), made.getEpochs(), made.getBatchSize()));
        settings.put("steps", Integer.toString(run.getStepsDone()));
        settings.put(
                "optimizer",
                "AdamW, learning rate %s, warm-up %s of the steps, %s, gradient norm at most %s"
                        .formatted(
                                made.getLearningRate(),
                                made.getWarmup(),
                                made.getSchedule(),
                                made.getMaxGradNorm()));
        settings.put(
                "LoRA",
                "rank %d, alpha %s, on %s"
                        .formatted(
                                made.getRank(),
                                made.getAlpha(),
                                String.join(", ", made.getTargetsList())));
        settings.put("seed", Long.toString(made.getSeed()));
        settings.put("adapter", run.getAdapter());
        return settings;
    }
}
