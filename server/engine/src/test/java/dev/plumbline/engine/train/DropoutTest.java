package dev.plumbline.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.checkpoint.ModuleChoice;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceRows;
import dev.plumbline.engine.expr.LossInput;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.LoraTensors;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.score.AnswerSequence;
import dev.plumbline.engine.score.Scorer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One mask whatever the pass and the batch, its gradient exact, and none outside of training. */
class DropoutTest {
    private static final Path FIXTURE = Path.of("src/test/resources/training");
    private static final Path MODEL = Path.of("src/test/resources/llava/grouped-tied-f32/model");

    @TempDir static Path cache;

    private static TestRuntime runtime;
    private static LoadedModel model;
    private static List<AnswerSequence> sequences;

    private LoraParameters parameters;

    @BeforeAll
    static void load() {
        runtime = new TestRuntime();
        model = LoadedModel.load(MODEL, cache, runtime.runtime());
        RowSequences rows = new RowSequences(model, Set.of(LossInput.NEGATIVES));
        List<PreferenceExample> examples = PreferenceRows.read(FIXTURE.resolve("rows.jsonl"));
        sequences = new ArrayList<>();
        for (int i = 0; i < examples.size(); i++) {
            List<AnswerSequence> own = rows.of(examples.get(i), Cancellation.none());
            for (int s = 0; s < own.size(); s++) {
                sequences.add(own.get(s).withKey(100L * i + Math.max(0, s - 1)));
            }
        }
    }

    @AfterAll
    static void close() {
        model.close();
        runtime.close();
    }

    @BeforeEach
    void parameters() {
        parameters = parameters(0.3);
    }

    private static LoraParameters parameters(double dropout) {
        LoraSettings settings =
                new LoraSettings(
                        Optional.of(FIXTURE.resolve("adapter")),
                        LoraShape.of(4, 8),
                        ModuleChoice.NONE,
                        ModuleChoice.NONE,
                        dropout);
        return LoraParameters.of(model, settings, 17);
    }

    private static List<Double> sums(
            List<AnswerSequence> some, LoraTensors lora, Cancellation cancellation) {
        return new Scorer(model)
                .tokenLogps(some, lora, cancellation).stream()
                        .map(l -> l.stream().mapToDouble(Double::doubleValue).sum())
                        .toList();
    }

    private List<Double> forward(List<AnswerSequence> some) {
        return sums(some, parameters.trainingTensors(), Cancellation.none());
    }

    @Test
    void bothPassesAndAllBatchesSeeOneMask() {
        List<Double> together = forward(sequences);
        for (boolean checkpointed : List.of(false, true)) {
            GradientPass pass = new GradientPass(model, parameters, checkpointed);
            for (int i = 0; i < sequences.size(); i++) {
                List<AnswerSequence> one = sequences.subList(i, i + 1);
                double alone = forward(one).getFirst();
                assertThat(together.get(i)).isCloseTo(alone, within(2e-4));
                List<Double> again =
                        pass.accumulate(one, new double[] {1}, pass.zeros(), Cancellation.none());
                assertThat(again.getFirst()).isCloseTo(alone, within(2e-4));
            }
        }
    }

    @Test
    void anotherStepDropsOthersAndScoringDropsNothing() {
        List<Double> first = forward(sequences);
        parameters.beginStep(1);
        List<Double> second = forward(sequences);
        parameters.beginStep(0);
        assertThat(forward(sequences)).isEqualTo(first);
        List<Double> scored = sums(sequences, parameters.tensors(), Cancellation.none());
        List<Double> plain = sums(sequences, parameters(0).trainingTensors(), Cancellation.none());
        assertThat(scored).isEqualTo(plain);
        for (int i = 0; i < first.size(); i++) {
            assertThat(Math.abs(first.get(i) - second.get(i))).isGreaterThan(1e-3);
            assertThat(Math.abs(first.get(i) - scored.get(i))).isGreaterThan(1e-3);
        }
        assertThat(parameters.adapter().config().dropout()).isEqualTo(0.3);
    }

    /** Along the gradient itself and along each tensor's: the slope is the square of its length. */
    @Test
    void theGradientIsTheSlope() {
        List<AnswerSequence> one = sequences.subList(0, 1);
        GradientPass pass = new GradientPass(model, parameters, false);
        List<float[]> gradients = pass.zeros();
        pass.accumulate(one, new double[] {1}, gradients, Cancellation.none());
        double squares = 0;
        for (float[] gradient : gradients) {
            for (float value : gradient) {
                squares += (double) value * value;
            }
        }
        double length = Math.sqrt(squares);
        double step = 2e-3;
        double slope =
                (moved(one, gradients, step / length) - moved(one, gradients, -step / length))
                        / (2 * step);
        assertThat(slope).isCloseTo(length, within(0.01 * length));
    }

    private double moved(List<AnswerSequence> one, List<float[]> way, double by) {
        List<float[]> values = parameters.values();
        List<float[]> before = values.stream().map(float[]::clone).toList();
        for (int i = 0; i < values.size(); i++) {
            for (int j = 0; j < values.get(i).length; j++) {
                values.get(i)[j] += (float) (by * way.get(i)[j]);
            }
        }
        parameters.feed();
        double sum = forward(one).getFirst();
        for (int i = 0; i < values.size(); i++) {
            System.arraycopy(before.get(i), 0, values.get(i), 0, before.get(i).length);
        }
        parameters.feed();
        return sum;
    }
}
