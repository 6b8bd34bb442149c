package dev.plumbline.engine.train;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.expr.RowLogps;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.score.ReferenceScorer;
import dev.plumbline.engine.score.ReferenceStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A run's parts for a loop that somebody else writes. With a run's rows in its order and its
 * learning rates ({@link OptimizerSettings#learningRate}), it ends with that run's adapter, bit for
 * bit: a step is one {@link #forwardBackward} of the batch's rows and one {@link #optimStep}.
 *
 * <p>Not for several threads at once.
 */
public final class TrainingSession implements AutoCloseable {
    /** Beside the adapter. */
    public static final String STATE = "state.safetensors";

    private final LoadedModel model;
    private final TrainingSpec spec;
    private final Plan plan;
    private final List<PreferenceExample> rows;
    private final LossTerms losses;
    private final TrainingState state;
    private final TrainingStep step;
    private int done;

    /** Of the step that is under way; empty before its first gradients. */
    private Optional<List<float[]>> gradients = Optional.empty();

    private boolean finite = true;

    private TrainingSession(
            LoadedModel model,
            TrainingSpec spec,
            Plan plan,
            List<PreferenceExample> rows,
            LossTerms losses,
            Optional<ReferenceStore> references) {
        this.model = model;
        this.spec = spec;
        this.plan = plan;
        this.rows = rows;
        this.losses = losses;
        this.state = TrainingState.of(model, spec);
        this.step =
                new TrainingStep(
                        model,
                        losses,
                        state.parameters(),
                        spec.batch().microBatch(),
                        plan.checkpointed(),
                        new ReferenceLogps(new ReferenceScorer(model, references)),
                        (part, parts) -> {});
    }

    /**
     * Begins where a run of this specification begins; what it says of order, length and learning
     * rate is left to the caller.
     *
     * @param model is to stay loaded until the session is closed, and so are the catalog's losses
     * @param plan made for this specification and these rows
     * @param references log-probabilities without the adapter, looked up there and kept
     * @throws PlumblineException what is wrong with losses, rows or the adapter to start from
     */
    public static TrainingSession open(
            LoadedModel model,
            LossCatalog catalog,
            TrainingSpec spec,
            Plan plan,
            List<PreferenceExample> rows,
            Optional<ReferenceStore> references) {
        LossTerms losses = LossTerms.compile(spec.loss(), catalog, model.sessions().runtime());
        try {
            rows.forEach(losses::requireSuitable);
            return new TrainingSession(model, spec, plan, rows, losses, references);
        } catch (RuntimeException | Error e) {
            losses.close();
            throw e;
        }
    }

    /** Rows, which are named by their index from 0. */
    public int rows() {
        return rows.size();
    }

    /** What the specification clips gradients to; 0 is off. */
    public double maxGradNorm() {
        return spec.optimizer().maxGradNorm();
    }

    /** Steps made so far, those that were skipped counted. */
    public int steps() {
        return done;
    }

    /**
     * What a pass gave; means over rows, by whatever was asked for as the size of the batch.
     *
     * @param logps of each row, in the order asked for
     */
    public record Pass(double imageLoss, double textLoss, List<RowLogps> logps) {
        public double loss() {
            return imageLoss + textLoss;
        }
    }

    /**
     * Computes the losses of rows and adds the gradient of their sum, divided by the size of the
     * batch, to the gradients of the step.
     *
     * @param batchSize rows that the mean is over: that of the whole batch, where this is a part of
     *     it
     * @throws PlumblineException {@code ROW_OUT_OF_RANGE} and others, with nothing added
     */
    public Pass forwardBackward(List<Integer> indices, int batchSize, Cancellation cancellation) {
        if (batchSize < indices.size()) {
            throw PlumblineException.invalid(
                    "batch_size",
                    "OUT_OF_RANGE",
                    "batch_size must be at least the %d rows of the call, not %d"
                            .formatted(indices.size(), batchSize));
        }
        List<PreferenceExample> chosen = chosen(indices);
        TrainingStep.Outcome outcome =
                step.run(plan.passes(), chosen, indices, batchSize, cancellation);
        add(outcome.gradients());
        double image = outcome.losses().stream().mapToDouble(LossTerms.RowLoss::image).sum();
        double text = outcome.losses().stream().mapToDouble(LossTerms.RowLoss::text).sum();
        Pass pass = new Pass(image / batchSize, text / batchSize, outcome.rows());
        finite &= Double.isFinite(pass.loss());
        return pass;
    }

    /** Log-probabilities of rows for a loss of the caller's; adds nothing. */
    public List<RowLogps> logProbabilities(List<Integer> indices, Cancellation cancellation) {
        return step.logps(chosen(indices), indices, cancellation);
    }

    /**
     * Adds the gradient of a loss of the caller's to the gradients of the step.
     *
     * @param derivatives one array a row: of the loss, with respect to the policy's log-probability
     *     of the chosen answer, of the rejected one, and of the chosen one on each negative that
     *     {@link #logProbabilities} gave
     * @throws PlumblineException {@code DERIVATIVES_MISMATCH}, {@code DERIVATIVE_NOT_FINITE} or
     *     {@code ROW_OUT_OF_RANGE}, with nothing added
     */
    public void backward(
            List<Integer> indices, List<double[]> derivatives, Cancellation cancellation) {
        List<PreferenceExample> chosen = chosen(indices);
        if (derivatives.size() != indices.size()) {
            throw mismatch(
                    "%d rows have %d derivatives".formatted(indices.size(), derivatives.size()));
        }
        for (int i = 0; i < indices.size(); i++) {
            int wanted = step.sequences(chosen.get(i));
            double[] row = derivatives.get(i);
            if (row.length != wanted) {
                throw mismatch(
                        "row %d has %d negatives, its derivatives are of %d"
                                .formatted(indices.get(i), wanted - 2, row.length - 2));
            }
            if (!Arrays.stream(row).allMatch(d -> Float.isFinite((float) d))) {
                throw PlumblineException.invalid(
                        "derivatives",
                        "DERIVATIVE_NOT_FINITE",
                        "derivatives of row %d are not all finite numbers of float32's range"
                                .formatted(indices.get(i)));
            }
        }
        add(step.backward(chosen, indices, derivatives, cancellation));
    }

    private static PlumblineException mismatch(String what) {
        return PlumblineException.invalid(
                "derivatives",
                "DERIVATIVES_MISMATCH",
                what + ": give one for each log-probability of each row");
    }

    /**
     * What a step did.
     *
     * @param step from 1
     * @param updated false where the loss or the norm is not finite: then nothing has moved
     */
    public record Update(int step, double gradNorm, boolean updated) {}

    /**
     * Moves the parameters against the gradients that were added up, and forgets these.
     *
     * @param maxGradNorm 0 is off
     * @throws PlumblineException {@code NO_GRADIENTS}, or what is wrong with a number
     */
    public Update optimStep(double learningRate, double maxGradNorm) {
        requireNumber("learning_rate", learningRate);
        requireNumber("max_grad_norm", maxGradNorm);
        List<float[]> sum =
                gradients.orElseThrow(() ->
                        new PlumblineException(
                                ErrorCode.FAILED_PRECONDITION,
                                "NO_GRADIENTS",
                                "there are no gradients to step with: call ForwardBackward first",
                                Map.of()));
        double norm = GradientNorm.of(sum);
        boolean sound = finite && Double.isFinite(norm);
        if (sound) {
            GradientNorm.clip(sum, norm, maxGradNorm);
            state.update(sum, learningRate);
        }
        begin(done + 1);
        return new Update(done, norm, sound);
    }

    private static void requireNumber(String field, double value) {
        if (!(value >= 0 && Double.isFinite(value))) {
            throw PlumblineException.invalid(
                    field,
                    "OUT_OF_RANGE",
                    "%s must be a number at least 0, not %s".formatted(field, value));
        }
    }

    /**
     * Writes the adapter as peft reads it and, beside it, all that later steps follow from.
     * Gradients that no step has used are not part of it.
     *
     * @throws PlumblineException {@code DISK_FULL} or {@code FILE_UNWRITABLE}
     */
    public void save(Path folder) {
        state.parameters().adapter().write(folder);
        ObjectNode stored = JsonNodeFactory.instance.objectNode();
        stored.put("step", done);
        stored.put("updates", state.updates());
        stored.put("model", model.digest());
        stored.put("seed", spec.seed());
        RunCheckpoint.write(folder.resolve(STATE), stored, state.arrays());
    }

    /**
     * Goes back, or on, to what {@link #save} wrote; gradients that no step has used are dropped.
     *
     * @param path the folder, or the state in it
     * @throws PlumblineException {@code STATE_MISMATCH} for another model, seed or shape, {@code
     *     CHECKPOINT_DAMAGED}, or what stands in the way of reading; then nothing has changed
     */
    public void load(Path path) {
        Path file = Files.isDirectory(path) ? path.resolve(STATE) : path;
        RunCheckpoint saved = RunCheckpoint.read(file);
        ObjectNode stored = saved.state();
        boolean same =
                stored.path("model").asText().equals(model.digest())
                        && stored.path("seed").asLong() == spec.seed();
        if (!same) {
            throw new PlumblineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "STATE_MISMATCH",
                    file + " was saved by a session with another model or seed",
                    Map.of("file", file.toString()));
        }
        state.restore(saved.tensors(), stored.path("updates").asInt());
        begin(stored.path("step").asInt());
    }

    private void begin(int next) {
        done = next;
        gradients = Optional.empty();
        finite = true;
        state.parameters().beginStep(done);
    }

    private void add(List<float[]> more) {
        if (gradients.isEmpty()) {
            gradients = Optional.of(more);
            return;
        }
        for (int i = 0; i < more.size(); i++) {
            float[] sum = gradients.get().get(i);
            float[] value = more.get(i);
            for (int j = 0; j < sum.length; j++) {
                sum[j] += value[j];
            }
        }
    }

    private List<PreferenceExample> chosen(List<Integer> indices) {
        if (indices.isEmpty()) {
            throw PlumblineException.invalid(
                    "rows", "FIELD_MISSING", "rows must name at least one row by its index");
        }
        for (int index : indices) {
            if (index < 0 || index >= rows.size()) {
                throw PlumblineException.invalid(
                        "rows",
                        "ROW_OUT_OF_RANGE",
                        "there is no row %d: the data has rows 0 to %d"
                                .formatted(index, rows.size() - 1));
            }
        }
        return indices.stream().map(rows::get).toList();
    }

    @Override
    public void close() {
        losses.close();
    }
}
