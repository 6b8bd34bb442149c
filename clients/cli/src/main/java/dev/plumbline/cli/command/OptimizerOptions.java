package dev.plumbline.cli.command;

import dev.plumbline.v1.TrainingSpec;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many steps of what size. */
final class OptimizerOptions {
    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Rows a step; a short last batch is kept.")
    private @Nullable Integer batchSize;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "Or --max-steps, whichever ends first.")
    private @Nullable Integer epochs;

    @Option(names = "--max-steps", paramLabel = "N", description = "0 is no limit.")
    private @Nullable Integer maxSteps;

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            description = "The highest, after warm-up.")
    private @Nullable Double learningRate;

    @Option(names = "--warmup", paramLabel = "X", description = "A fraction of all steps.")
    private @Nullable Double warmup;

    @Option(names = "--schedule", paramLabel = "NAME", description = "cosine or constant.")
    private String schedule = "";

    @Option(names = "--max-grad-norm", paramLabel = "X", description = "0 is off.")
    private @Nullable Double maxGradNorm;

    @Option(names = "--weight-decay", paramLabel = "X", description = "AdamW's.")
    private @Nullable Double weightDecay;

    @Option(
            names = "--passes",
            paramLabel = "NAME",
            description = "auto, recompute or unit-weight.")
    private String passes = "";

    @Option(
            names = "--micro-batch",
            paramLabel = "N",
            description = "Sequences at a time; changes no result.")
    private @Nullable Integer microBatch;

    @Option(names = "--order", paramLabel = "NAME", description = "as-is or shuffled.")
    private String order = "";

    @Option(
            names = "--checkpoint-every",
            paramLabel = "N",
            description = "Steps between two checkpoints; by default one a minute.")
    private @Nullable Integer checkpointEvery;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Of negatives, order and the new adapter.")
    private long seed;

    void into(TrainingSpec.Builder spec) {
        spec.setSchedule(schedule).setPasses(passes).setOrder(order).setSeed(seed);
        Optional.ofNullable(batchSize).ifPresent(spec::setBatchSize);
        Optional.ofNullable(epochs).ifPresent(spec::setEpochs);
        Optional.ofNullable(maxSteps).ifPresent(spec::setMaxSteps);
        Optional.ofNullable(learningRate).ifPresent(spec::setLearningRate);
        Optional.ofNullable(warmup).ifPresent(spec::setWarmup);
        Optional.ofNullable(maxGradNorm).ifPresent(spec::setMaxGradNorm);
        Optional.ofNullable(weightDecay).ifPresent(spec::setWeightDecay);
        Optional.ofNullable(microBatch).ifPresent(spec::setMicroBatch);
        Optional.ofNullable(checkpointEvery).ifPresent(spec::setCheckpointEvery);
    }
}
