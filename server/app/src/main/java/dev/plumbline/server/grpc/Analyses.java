package dev.plumbline.server.grpc;

import dev.plumbline.engine.train.SamplingFigures;
import dev.plumbline.engine.train.SamplingReport;
import dev.plumbline.server.store.ModelChoice;
import dev.plumbline.server.store.OperationOutcome;
import dev.plumbline.server.store.OperationTask;
import dev.plumbline.server.store.SamplingChoice;
import dev.plumbline.server.store.SelectionChoice;
import dev.plumbline.server.store.SelectionChoice.Margins;
import dev.plumbline.v1.AnalyzeSamplingRequest;
import dev.plumbline.v1.EnumeratedRow;
import dev.plumbline.v1.SamplingAnalysis;
import dev.plumbline.v1.SamplingEstimator;
import dev.plumbline.v1.SamplingTiming;
import dev.plumbline.v1.ScoreCorrelation;
import dev.plumbline.v1.SelectorTiming;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;

/** Analyses from and to protobuf, with defaults filled in. */
final class Analyses {
    private Analyses() {}

    static OperationTask.Sampling of(AnalyzeSamplingRequest request) {
        SamplingChoice choice = choice(request);
        var margins =
                new Margins(
                        request.hasFalseNegativeMargin()
                                ? request.getFalseNegativeMargin()
                                : Margins.DEFAULT,
                        request.hasDuplicateMargin()
                                ? request.getDuplicateMargin()
                                : Margins.DEFAULT);
        var selection =
                new SelectionChoice(
                        request.getPool(),
                        ModelChoice.named(request.getClip()),
                        choice.selectors().getFirst(),
                        Map.of(),
                        choice.largestK(),
                        request.getSeed(),
                        margins);
        return new OperationTask.Sampling(
                ModelChoice.named(request.getModel()),
                request.getAdapter(),
                selection,
                request.getData(),
                choice);
    }

    private static SamplingChoice choice(AnalyzeSamplingRequest request) {
        List<String> selectors = request.getSelectorsList();
        List<Integer> ks = request.getKList();
        return new SamplingChoice(
                selectors.isEmpty() ? SamplingChoice.SELECTORS : selectors,
                request.getRows() == 0 ? SamplingChoice.ROWS : request.getRows(),
                request.getDraws() == 0 ? SamplingChoice.DRAWS : request.getDraws(),
                request.getCandidates(),
                ks.isEmpty() ? SamplingChoice.KS : ks,
                request.hasBeta() ? request.getBeta() : SamplingChoice.BETA,
                request.hasClipWeight() ? request.getClipWeight() : SamplingChoice.CLIP);
    }

    static SamplingAnalysis of(OperationOutcome.Sampled sampled) {
        SamplingReport report = sampled.report();
        var message = SamplingAnalysis.newBuilder();
        report.estimators().forEach(it -> message.addEstimators(estimator(it)));
        report.correlations().forEach(it -> message.addCorrelations(correlation(it)));
        report.rows().forEach(it -> message.addRows(row(it)));
        SamplingReport.Timing timing = report.timing();
        var seconds =
                SamplingTiming.newBuilder()
                        .setSequenceSeconds(timing.sequence())
                        .setPictureSeconds(timing.picture())
                        .setRowSeconds(timing.row())
                        .setDrawSeconds(timing.draw())
                        .setCandidates(timing.candidates());
        sampled.selectors()
                .forEach(it ->
                        seconds.addSelectors(
                                SelectorTiming.newBuilder()
                                        .setSelector(it.selector())
                                        .setReadySeconds(it.ready())
                                        .setScoreSeconds(it.score())));
        return message.setTiming(seconds).build();
    }

    private static SamplingEstimator estimator(SamplingReport.Estimator estimator) {
        SamplingFigures figures = estimator.figures();
        var message =
                SamplingEstimator.newBuilder()
                        .setSelector(estimator.selector())
                        .setSampling(estimator.mode().text())
                        .setK(estimator.k())
                        .setWeighting(estimator.weighting().text())
                        .setSumBias(figures.sumBias())
                        .setSumDeviation(figures.sumDeviation())
                        .setSigmoidBias(figures.sigmoidBias())
                        .setSigmoidDeviation(figures.sigmoidDeviation())
                        .setGradientBias(figures.gradientBias())
                        .setGradientBiasNoise(figures.gradientBiasNoise())
                        .setGradientDeviation(figures.gradientDeviation())
                        .setNormRatio(figures.normRatio())
                        .setEss(figures.proposal().ess())
                        .setWeightVariance(figures.proposal().variance())
                        .setPolicyEss(figures.policy().ess())
                        .setPolicyWeightVariance(figures.policy().variance());
        known(figures.cosine(), message::setCosine);
        known(figures.meanCosine(), message::setMeanCosine);
        known(figures.poolCosine(), message::setPoolCosine);
        return message.build();
    }

    private static void known(double value, DoubleConsumer field) {
        if (!Double.isNaN(value)) {
            field.accept(value);
        }
    }

    private static ScoreCorrelation correlation(SamplingReport.Correlation correlation) {
        var message = ScoreCorrelation.newBuilder().setSelector(correlation.selector());
        known(correlation.policyShare(), message::setPolicyShare);
        known(correlation.policyShareError(), message::setPolicyShareError);
        known(correlation.gradientNorm(), message::setGradientNorm);
        known(correlation.gradientNormError(), message::setGradientNormError);
        return message.build();
    }

    private static EnumeratedRow row(SamplingReport.Row row) {
        return EnumeratedRow.newBuilder()
                .setLine(row.line())
                .setCandidates(row.candidates())
                .setLogSum(row.logSum())
                .setSigmoid(row.sigmoid())
                .setEffective(row.effective())
                .setGradientNorm(row.gradientNorm())
                .build();
    }
}
