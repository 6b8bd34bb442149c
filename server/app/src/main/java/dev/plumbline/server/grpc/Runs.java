package dev.plumbline.server.grpc;

import dev.plumbline.server.service.RunUpdate;
import dev.plumbline.server.store.RunRecord;
import dev.plumbline.server.store.WorkState;
import dev.plumbline.v1.Alarm;
import dev.plumbline.v1.Plan;
import dev.plumbline.v1.Run;
import dev.plumbline.v1.RunEvent;
import dev.plumbline.v1.StepMetrics;
import java.time.Instant;
import java.util.Locale;

/** Runs as protobuf. */
final class Runs {
    private Runs() {}

    static Run of(RunRecord run) {
        var message =
                planned(run).toBuilder()
                        .setName(run.name())
                        .setState(state(run.state()))
                        .setStepsDone(run.stepsDone())
                        .setCreateTime(Times.timestamp(run.createTime()))
                        .setError(run.error())
                        .addAllNotes(run.notes())
                        .addAllAlarms(run.alarms().stream().map(Runs::alarm).toList());
        message.getSpecBuilder().setOutput(run.output().toString());
        if (run.state() == WorkState.SUCCEEDED) {
            message.setAdapter(run.output().toString());
        }
        Instant end = run.endTime();
        if (end != null) {
            message.setEndTime(Times.timestamp(end));
        }
        var last = run.last();
        if (last != null) {
            message.setLast(step(last));
        }
        return message.build();
    }

    /** A run that was not made: its settings and what they take. */
    static Run planned(RunRecord run) {
        return Run.newBuilder()
                .setSpec(SpecMessages.of(run.spec()))
                .setPlan(plan(run.plan()))
                .setStepsTotal(run.plan().steps())
                .build();
    }

    static RunEvent event(RunUpdate update) {
        var event = RunEvent.newBuilder().setRun(of(update.run()));
        update.step().ifPresent(s -> event.setStep(step(s)));
        update.phase()
                .ifPresent(p ->
                        event.setPhase(p.name()).setPhaseDone(p.done()).setPhaseTotal(p.total()));
        return event.build();
    }

    static Plan plan(dev.plumbline.engine.train.Plan plan) {
        var message = Plan.newBuilder();
        DataRows.into(plan.skipped(), message);
        return message.setRows(plan.rows())
                .setSteps(plan.steps())
                .setTrainableParameters(plan.trainableParameters())
                .setImageTokensPerImage(plan.imageTokensPerImage())
                .setLongestSequence(plan.longestSequence())
                .setPeakMemoryBytes(plan.peakMemoryBytes())
                .setPasses(plan.passes().name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .setMicroBatch(plan.microBatch())
                .setCheckpointed(plan.checkpointed())
                .setLiveReference(plan.liveReference())
                .addAllProblems(plan.problems())
                .build();
    }

    private static StepMetrics step(dev.plumbline.engine.train.StepMetrics step) {
        var rewards = step.details().rewards();
        var usage = step.details().usage();
        return StepMetrics.newBuilder()
                .setStep(step.step())
                .setLoss(step.loss())
                .setImageLoss(step.imageLoss())
                .setTextLoss(step.textLoss())
                .setGradNorm(step.gradNorm())
                .setLearningRate(step.learningRate())
                .setChosenLogps(step.chosenLogps())
                .setRejectedLogps(step.rejectedLogps())
                .setMargins(step.margins())
                .setEss(step.ess())
                .setWeightVariance(step.weightVariance())
                .setSeconds(step.seconds())
                .setReferencePasses(step.details().references().passes())
                .setReferenceHits(step.details().references().hits())
                .setPolicyEss(step.policyEss())
                .setPolicyWeightVariance(step.policyWeightVariance())
                .setChosenRewards(rewards.chosen())
                .setRejectedRewards(rewards.rejected())
                .setAccuracies(rewards.accuracies())
                .setImageAccuracies(rewards.imageAccuracies())
                .setTokensPerSecond(usage.tokensPerSecond())
                .setMemoryBytes(usage.memoryBytes())
                .setSecondsLeft(usage.secondsLeft())
                .putAllGate(step.details().gate())
                .addAllAlarms(step.details().alarms().stream().map(Runs::alarm).toList())
                .build();
    }

    private static Alarm alarm(dev.plumbline.engine.train.Alarm alarm) {
        return Alarm.newBuilder()
                .setStep(alarm.step())
                .setName(alarm.name())
                .setMessage(alarm.message())
                .build();
    }

    private static Run.State state(WorkState state) {
        return switch (state) {
            case QUEUED -> Run.State.QUEUED;
            case RUNNING -> Run.State.RUNNING;
            case SUCCEEDED -> Run.State.SUCCEEDED;
            case FAILED -> Run.State.FAILED;
            case CANCELLED -> Run.State.CANCELLED;
        };
    }
}
