package dev.plumbline.server.grpc;

import dev.plumbline.server.store.GateChoice;
import dev.plumbline.server.store.LoraChoice;
import dev.plumbline.server.store.LoraVariant;
import dev.plumbline.server.store.RunSpec;
import dev.plumbline.v1.ModuleAlpha;
import dev.plumbline.v1.ModuleRank;
import dev.plumbline.v1.TrainingSpec;

/** A run's settings as protobuf, every default written out. */
final class SpecMessages {
    private SpecMessages() {}

    static TrainingSpec of(RunSpec spec) {
        var message =
                TrainingSpec.newBuilder()
                        .setModel(spec.model())
                        .setData(spec.data())
                        .setOutput(spec.output())
                        .setSeed(spec.seed())
                        .setCheckpointEvery(spec.checkpointEvery());
        DataRows.into(spec.rows(), message);
        loss(spec, message);
        lora(spec.lora(), message);
        optimizer(spec, message);
        batch(spec, message);
        negatives(spec, message);
        gate(spec.gate(), message);
        return message.build();
    }

    private static void loss(RunSpec spec, TrainingSpec.Builder message) {
        message.setLoss(spec.loss().expression()).putAllLossOptions(spec.loss().options());
        Double beta = spec.loss().beta();
        if (beta != null) {
            message.setBeta(beta);
        }
    }

    private static void lora(LoraChoice lora, TrainingSpec.Builder message) {
        message.setInitAdapter(lora.initAdapter()).addAllTargets(lora.targets());
        Integer rank = lora.rank();
        Double alpha = lora.alpha();
        boolean fresh = lora.initAdapter().isEmpty();
        if (rank != null || fresh) {
            message.setRank(rank == null ? LoraChoice.DEFAULT_RANK : rank);
        }
        if (alpha != null || fresh) {
            message.setAlpha(alpha == null ? LoraChoice.DEFAULT_ALPHA : alpha);
        }
        variant(lora.orPlain(), message);
    }

    private static void variant(LoraVariant variant, TrainingSpec.Builder message) {
        message.setTargetPattern(variant.targetPattern())
                .addAllExcludeModules(variant.excludeModules())
                .setExcludePattern(variant.excludePattern());
        Boolean rankStabilized = variant.rankStabilized();
        if (rankStabilized != null) {
            message.setUseRslora(rankStabilized);
        }
        Double dropout = variant.dropout();
        if (dropout != null) {
            message.setLoraDropout(dropout);
        }
        variant.rankPattern()
                .forEach((pattern, rank) ->
                        message.addRankPattern(
                                ModuleRank.newBuilder().setPattern(pattern).setRank(rank)));
        variant.alphaPattern()
                .forEach((pattern, alpha) ->
                        message.addAlphaPattern(
                                ModuleAlpha.newBuilder().setPattern(pattern).setAlpha(alpha)));
    }

    private static void optimizer(RunSpec spec, TrainingSpec.Builder message) {
        var optimizer = spec.optimizer();
        message.setLearningRate(optimizer.learningRate())
                .setWarmup(optimizer.warmup())
                .setSchedule(optimizer.schedule())
                .setMaxGradNorm(optimizer.maxGradNorm())
                .setWeightDecay(optimizer.weightDecay());
    }

    private static void batch(RunSpec spec, TrainingSpec.Builder message) {
        var batch = spec.batch();
        message.setBatchSize(batch.batchSize())
                .setEpochs(batch.epochs())
                .setMaxSteps(batch.maxSteps())
                .setOrder(batch.order())
                .setPasses(batch.passes())
                .setMicroBatch(batch.microBatch());
    }

    private static void gate(GateChoice gate, TrainingSpec.Builder message) {
        if (gate.wanted()) {
            message.setGateData(gate.data())
                    .setGateImages(gate.images())
                    .setGateEvery(gate.every())
                    .setGateMetric(gate.metric())
                    .setKeepBest(gate.keepBest())
                    .setEarlyStopPatience(gate.patience());
        }
    }

    private static void negatives(RunSpec spec, TrainingSpec.Builder message) {
        var negatives = spec.negatives();
        if (negatives.wanted()) {
            message.setSelector(negatives.selector())
                    .setPool(negatives.pool())
                    .setK(negatives.k())
                    .putAllSelectorOptions(negatives.options());
        }
    }
}
