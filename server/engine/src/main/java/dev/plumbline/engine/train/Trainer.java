package dev.plumbline.engine.train;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.train.BatchSettings.Order;
import dev.plumbline.engine.train.BatchSettings.Passes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Trains LoRA adapters of one model. */
public final class Trainer {
    private final LoadedModel model;
    private final LossCatalog catalog;
    private final Runtime runtime;

    public Trainer(LoadedModel model, LossCatalog catalog) {
        this.model = model;
        this.catalog = catalog;
        this.runtime = model.sessions().runtime();
    }

    /**
     * What a run would take, without training: every row is read as the run would read it, its
     * images excepted.
     *
     * @throws PlumblineException what is wrong with losses, options, targets or the adapter to
     *     start from; what is wrong with rows is among the plan's problems
     */
    public Plan plan(TrainingSpec spec, List<PreferenceExample> rows) {
        try (LossTerms losses = LossTerms.compile(spec.loss(), catalog, runtime)) {
            return Planner.plan(model, spec, losses, rows);
        }
    }

    /** Plans and trains; see the other. */
    public void run(
            TrainingSpec spec,
            List<PreferenceExample> rows,
            Path output,
            TrainingListener listener,
            Cancellation cancellation) {
        run(spec, plan(spec, rows), rows, output, listener, cancellation);
    }

    /**
     * Trains, and writes {@code adapter_config.json}, {@code adapter_model.safetensors} and {@code
     * metrics.jsonl} into a folder; the adapter appears when the run is complete.
     *
     * @param plan made for this specification and these rows
     * @throws PlumblineException {@code CANCELLED}, {@code LOSS_NOT_FINITE}, or what is wrong with
     *     the specification, a row or an image
     */
    public void run(
            TrainingSpec spec,
            Plan plan,
            List<PreferenceExample> rows,
            Path output,
            TrainingListener listener,
            Cancellation cancellation) {
        try (LossTerms losses = LossTerms.compile(spec.loss(), catalog, runtime)) {
            rows.forEach(losses::requireSuitable);
            LoraParameters parameters = LoraParameters.of(model, spec.lora(), spec.seed());
            Files.createDirectories(output);
            try (MetricsFile metrics = new MetricsFile(output.resolve("metrics.jsonl"))) {
                new Loop(spec, plan, rows, losses, parameters, listener)
                        .run(
                                step -> {
                                    metrics.write(step);
                                    listener.step(step);
                                },
                                cancellation);
            }
            parameters.adapter().write(output);
        } catch (IOException e) {
            throw new PlumblineException(
                            ErrorCode.FAILED_PRECONDITION,
                            "FILE_NOT_WRITABLE",
                            "cannot write to " + output + ": " + e.getMessage(),
                            Map.of("field", "output", "file", output.toString()))
                    .causedBy(e);
        }
    }

    /** Where each step's figures go. */
    @FunctionalInterface
    private interface Sink {
        void accept(StepMetrics metrics) throws IOException;
    }

    /** One run's state. */
    private final class Loop {
        private final TrainingSpec spec;
        private final Plan plan;
        private final List<PreferenceExample> rows;
        private final LossTerms losses;
        private final LoraParameters parameters;
        private final TrainingStep step;
        private final AdamW optimizer;
        private final int steps;
        private int done;

        Loop(
                TrainingSpec spec,
                Plan plan,
                List<PreferenceExample> rows,
                LossTerms losses,
                LoraParameters parameters,
                TrainingListener listener) {
            this.spec = spec;
            this.plan = plan;
            this.rows = rows;
            this.losses = losses;
            this.parameters = parameters;
            this.optimizer = new AdamW(parameters.values(), spec.optimizer().weightDecay());
            this.steps = spec.batch().steps(rows.size());
            this.step =
                    new TrainingStep(
                            model,
                            losses,
                            parameters,
                            spec.batch().microBatch(),
                            plan.checkpointed(),
                            (done, total) ->
                                    listener.phase(
                                            "step %d of %d".formatted(this.done + 1, steps),
                                            done,
                                            total));
        }

        void run(Sink sink, Cancellation cancellation) throws IOException {
            for (int epoch = 0; done < steps; epoch++) {
                List<Integer> order = order(epoch);
                for (int at = 0; at < order.size() && done < steps; ) {
                    int end = Math.min(order.size(), at + spec.batch().batchSize());
                    cancellation.check();
                    sink.accept(step(done, order.subList(at, end), cancellation));
                    at = end;
                    done++;
                }
            }
        }

        private List<Integer> order(int epoch) {
            List<Integer> order = new ArrayList<>(IntStream.range(0, rows.size()).boxed().toList());
            if (spec.batch().order() == Order.SHUFFLED) {
                Collections.shuffle(order, new Random(spec.seed() * 31 + epoch));
            }
            return order;
        }

        private StepMetrics step(int index, List<Integer> batch, Cancellation cancellation) {
            long start = System.nanoTime();
            parameters.beginStep(index);
            List<PreferenceExample> chosen = batch.stream().map(rows::get).toList();
            TrainingStep.Outcome outcome =
                    plan.passes() == Passes.RECOMPUTE
                            ? step.recompute(chosen, batch, cancellation)
                            : step.unitWeight(chosen, batch, cancellation);
            double norm = norm(outcome.gradients());
            BatchMetrics figures = BatchMetrics.of(outcome, losses.beta());
            requireFinite(index, figures.loss(), norm);
            clip(outcome.gradients(), norm);
            double rate = spec.optimizer().learningRate(index, steps);
            optimizer.step(parameters.values(), outcome.gradients(), rate);
            parameters.feed();
            return new StepMetrics(
                    index + 1,
                    figures.loss(),
                    figures.imageLoss(),
                    figures.textLoss(),
                    norm,
                    rate,
                    figures.chosenLogps(),
                    figures.rejectedLogps(),
                    figures.margins(),
                    figures.ess(),
                    figures.weightVariance(),
                    (System.nanoTime() - start) / 1e9);
        }

        private void clip(List<float[]> gradients, double norm) {
            double most = spec.optimizer().maxGradNorm();
            float factor = (float) (most / (norm + 1e-6));
            if (most > 0 && factor < 1) {
                for (float[] gradient : gradients) {
                    for (int i = 0; i < gradient.length; i++) {
                        gradient[i] *= factor;
                    }
                }
            }
        }
    }

    private static double norm(List<float[]> gradients) {
        double squares = 0;
        for (float[] gradient : gradients) {
            for (float value : gradient) {
                squares += (double) value * value;
            }
        }
        return Math.sqrt(squares);
    }

    private static void requireFinite(int index, double loss, double norm) {
        if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
            throw new PlumblineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "LOSS_NOT_FINITE",
                    "step %d: loss %s, gradient norm %s; lower learning_rate or look at its rows"
                            .formatted(index + 1, loss, norm),
                    Map.of("step", Integer.toString(index + 1)));
        }
    }
}
