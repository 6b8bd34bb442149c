package dev.plumbline.engine.train;

import dev.plumbline.engine.checkpoint.SystemMemory;
import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceExample.Mining;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.expr.LossInput;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.LoraTensors;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.score.AnswerSequence;
import dev.plumbline.engine.score.Scorer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Runs a model over every candidate of a row, once: log-ratio and LoRA gradient of each. The
 * gradients are held until their inner products are known.
 */
final class SamplingPasses {
    /** Of the free memory that gradients may take. */
    private static final double SHARE = 0.8;

    private final LoraParameters parameters;
    private final GradientPass gradientPass;
    private final RowSequences sequences;
    private final Scorer scorer;
    private final double beta;
    private double passSeconds;
    private double pictureSeconds;
    private long passes;

    /**
     * @param adapter PEFT folder: with it the model is the policy, without it the reference
     */
    SamplingPasses(LoadedModel model, Path adapter, double beta) {
        LoraSettings settings = new LoraSettings(Optional.of(adapter), 1, 1, List.of());
        this.parameters = LoraParameters.of(model, settings, 0);
        this.gradientPass = new GradientPass(model, parameters, false);
        this.sequences = new RowSequences(model, Set.of(LossInput.NEGATIVES));
        this.scorer = new Scorer(model);
        this.beta = beta;
    }

    /** Hears of each sequence. */
    @FunctionalInterface
    interface Progress {
        void passed(int done);
    }

    /**
     * @throws PlumblineException {@code GRADIENTS_TOO_LARGE} with the figures
     */
    EnumeratedRow enumerate(SamplingSubject subject, Progress progress, Cancellation cancellation) {
        requireRoom(subject.candidates().size());
        long start = System.nanoTime();
        List<AnswerSequence> all = sequences(subject, cancellation);
        long encoded = System.nanoTime();
        List<Double> reference =
                scorer.tokenLogps(all, LoraTensors.NONE, cancellation).stream()
                        .map(logps -> logps.stream().mapToDouble(Double::doubleValue).sum())
                        .toList();
        double[] ratios = new double[all.size()];
        List<List<float[]>> gradients = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            List<float[]> own = gradientPass.zeros();
            List<Double> logp =
                    gradientPass.accumulate(
                            List.of(all.get(i)), new double[] {1}, own, cancellation);
            ratios[i] = logp.getFirst() - reference.get(i);
            gradients.add(own);
            progress.passed(i + 1);
        }
        pictureSeconds += (encoded - start) / 1e9;
        passSeconds += (System.nanoTime() - encoded) / 1e9;
        passes += all.size();
        return row(ratios, products(gradients, cancellation));
    }

    /** The chosen answer on each candidate, then on the row's own picture. */
    private List<AnswerSequence> sequences(SamplingSubject subject, Cancellation cancellation) {
        List<NegativeImage> negatives =
                subject.candidates().stream()
                        .map(file ->
                                new NegativeImage(
                                        file, 0, 0, 0, "", "", NegativeImage.Details.NONE))
                        .toList();
        PreferenceExample row =
                subject.row().with(new Mining(negatives, "greedy", negatives.size(), Double.NaN));
        List<AnswerSequence> all = sequences.of(row, cancellation);
        List<AnswerSequence> ordered = new ArrayList<>(all.subList(2, all.size()));
        ordered.add(all.getFirst());
        return ordered;
    }

    private EnumeratedRow row(double[] ratios, double[][] products) {
        int n = ratios.length - 1;
        double[] a = new double[n];
        double[] norms = new double[n];
        for (int i = 0; i < n; i++) {
            a[i] = beta * (ratios[i] - ratios[n]);
            norms[i] = Math.sqrt(products[i][i]);
        }
        return new EnumeratedRow(a, norms, GradientProducts.differences(products));
    }

    private static double[][] products(List<List<float[]>> gradients, Cancellation cancellation) {
        int n = gradients.size();
        double[][] products = new double[n][n];
        for (int i = 0; i < n; i++) {
            cancellation.check();
            for (int j = 0; j <= i; j++) {
                double dot = 0;
                for (int t = 0; t < gradients.get(i).size(); t++) {
                    dot += dot(gradients.get(i).get(t), gradients.get(j).get(t));
                }
                products[i][j] = dot;
                products[j][i] = dot;
            }
        }
        return products;
    }

    /** Four sums at a time, which the processor adds side by side. */
    private static double dot(float[] x, float[] y) {
        double sum0 = 0;
        double sum1 = 0;
        double sum2 = 0;
        double sum3 = 0;
        int i = 0;
        for (; i + 3 < x.length; i += 4) {
            sum0 += (double) x[i] * y[i];
            sum1 += (double) x[i + 1] * y[i + 1];
            sum2 += (double) x[i + 2] * y[i + 2];
            sum3 += (double) x[i + 3] * y[i + 3];
        }
        for (; i < x.length; i++) {
            sum0 += (double) x[i] * y[i];
        }
        return sum0 + sum1 + sum2 + sum3;
    }

    private void requireRoom(int candidates) {
        long needed = (candidates + 1L) * parameters.count() * Float.BYTES;
        Runtime process = Runtime.getRuntime();
        long heap = process.maxMemory() - process.totalMemory() + process.freeMemory();
        long room = Math.min(heap, new SystemMemory().availableBytes());
        if (needed > SHARE * room) {
            throw new PlumblineException(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    "GRADIENTS_TOO_LARGE",
                    "%d gradients of %d numbers take %.2f GB, %.2f GB are free: take fewer candidates, an adapter of a smaller rank, or give the server more heap"
                            .formatted(
                                    candidates + 1, parameters.count(), needed / 1e9, room / 1e9),
                    Map.of(
                            "candidates", Integer.toString(candidates),
                            "parameters", Long.toString(parameters.count()),
                            "needed_bytes", Long.toString(needed),
                            "free_bytes", Long.toString(room)));
        }
    }

    /** Reference, policy and gradient of one sequence, mean. */
    double secondsOfSequence() {
        return passSeconds / passes;
    }

    /** Of one picture, mean; a cache may have had some. */
    double secondsOfPicture() {
        return pictureSeconds / passes;
    }
}
