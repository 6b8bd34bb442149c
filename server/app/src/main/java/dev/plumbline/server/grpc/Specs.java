package dev.plumbline.server.grpc;

import dev.plumbline.server.store.BatchChoice;
import dev.plumbline.server.store.GateChoice;
import dev.plumbline.server.store.LoraChoice;
import dev.plumbline.server.store.LoraVariant;
import dev.plumbline.server.store.LossSettings;
import dev.plumbline.server.store.NegativesChoice;
import dev.plumbline.server.store.OptimizerChoice;
import dev.plumbline.server.store.RunSpec;
import dev.plumbline.v1.TrainingSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A run's settings: protobuf to ours, with defaults filled in. */
final class Specs {
    private Specs() {}

    static RunSpec of(TrainingSpec spec) {
        return new RunSpec(
                spec.getModel(),
                spec.getData(),
                DataRows.of(spec),
                spec.getOutput(),
                loss(spec),
                lora(spec),
                optimizer(spec),
                batch(spec),
                negatives(spec),
                spec.getSeed(),
                spec.getCheckpointEvery(),
                gate(spec));
    }

    private static LossSettings loss(TrainingSpec spec) {
        return new LossSettings(
                orElse(spec.getLoss(), LossSettings.DEFAULT),
                spec.getLossOptionsMap(),
                spec.hasBeta() ? spec.getBeta() : null);
    }

    private static LoraChoice lora(TrainingSpec spec) {
        return new LoraChoice(
                spec.getInitAdapter(),
                spec.hasRank() ? spec.getRank() : null,
                spec.hasAlpha() ? spec.getAlpha() : null,
                spec.getTargetsList(),
                variant(spec));
    }

    private static @Nullable LoraVariant variant(TrainingSpec spec) {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        spec.getRankPatternList().forEach(it -> ranks.putIfAbsent(it.getPattern(), it.getRank()));
        Map<String, Double> alphas = new LinkedHashMap<>();
        spec.getAlphaPatternList()
                .forEach(it -> alphas.putIfAbsent(it.getPattern(), it.getAlpha()));
        var variant =
                new LoraVariant(
                        spec.getTargetPattern(),
                        spec.getExcludeModulesList(),
                        spec.getExcludePattern(),
                        spec.hasUseRslora() ? spec.getUseRslora() : null,
                        spec.hasLoraDropout() ? spec.getLoraDropout() : null,
                        ranks,
                        alphas);
        return variant.equals(LoraVariant.NONE) ? null : variant;
    }

    private static OptimizerChoice optimizer(TrainingSpec spec) {
        return new OptimizerChoice(
                spec.hasLearningRate()
                        ? spec.getLearningRate()
                        : OptimizerChoice.DEFAULT_LEARNING_RATE,
                spec.hasWarmup() ? spec.getWarmup() : OptimizerChoice.DEFAULT_WARMUP,
                first(spec.getSchedule(), OptimizerChoice.SCHEDULES),
                spec.hasMaxGradNorm()
                        ? spec.getMaxGradNorm()
                        : OptimizerChoice.DEFAULT_MAX_GRAD_NORM,
                spec.getWeightDecay());
    }

    private static BatchChoice batch(TrainingSpec spec) {
        return new BatchChoice(
                spec.hasBatchSize() ? spec.getBatchSize() : BatchChoice.DEFAULT_BATCH_SIZE,
                spec.hasEpochs() ? spec.getEpochs() : 1,
                spec.getMaxSteps(),
                first(spec.getOrder(), BatchChoice.ORDERS),
                first(spec.getPasses(), BatchChoice.PASSES),
                spec.getMicroBatch());
    }

    private static NegativesChoice negatives(TrainingSpec spec) {
        return new NegativesChoice(
                spec.getSelector(),
                spec.getPool(),
                spec.hasK() ? spec.getK() : NegativesChoice.DEFAULT_K,
                spec.getSelectorOptionsMap());
    }

    private static GateChoice gate(TrainingSpec spec) {
        return new GateChoice(
                spec.getGateData(),
                spec.getGateImages(),
                spec.hasGateEvery() ? spec.getGateEvery() : GateChoice.DEFAULT_EVERY,
                first(spec.getGateMetric(), GateChoice.METRICS),
                !spec.hasKeepBest() || spec.getKeepBest(),
                spec.getEarlyStopPatience());
    }

    /** The first choice is the default. */
    private static String first(String value, List<String> choices) {
        return orElse(value, choices.getFirst());
    }

    private static String orElse(String value, String other) {
        return value.isEmpty() ? other : value;
    }
}
