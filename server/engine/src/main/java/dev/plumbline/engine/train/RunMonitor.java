package dev.plumbline.engine.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.checkpoint.PeftAdapter;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.expr.LossInput;
import dev.plumbline.engine.runtime.Cancellation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Watches over a run: its alarms, the steps that it skips, its gate. */
final class RunMonitor {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String loss;
    private final Set<LossInput> inputs;
    private final Path output;
    private final Optional<Examination> examination;
    private Alarms alarms = new Alarms(Alarms.State.NONE);
    private SkippedSteps skipped;
    private Optional<GateKeeper> gate;
    private boolean skippedNow;

    /**
     * @param loss the run's, for messages
     * @param inputs what it reads
     * @param output folder of the run's adapter
     */
    RunMonitor(String loss, Set<LossInput> inputs, Path output, Optional<Examination> examination) {
        this.loss = loss;
        this.skipped = new SkippedSteps(loss, List.of());
        this.inputs = Set.copyOf(inputs);
        this.output = output;
        this.examination = examination;
        this.gate = keeper(GateRecord.NONE);
    }

    /** All that later steps depend on. */
    record State(Alarms.State alarms, List<Integer> skipped, GateRecord gate) {}

    JsonNode state() {
        GateRecord record = gate.map(GateKeeper::record).orElse(GateRecord.NONE);
        return JSON.valueToTree(new State(alarms.state(), skipped.steps(), record));
    }

    /** Goes back to what {@link #state} gave. */
    void restore(JsonNode stored) {
        try {
            State state = JSON.treeToValue(stored, State.class);
            alarms = new Alarms(state.alarms());
            skipped = new SkippedSteps(loss, state.skipped());
            gate = keeper(state.gate());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what was written as a state cannot be read", e);
        }
    }

    private Optional<GateKeeper> keeper(GateRecord record) {
        return examination.map(it -> new GateKeeper(it, output, record));
    }

    /**
     * Looks at a step.
     *
     * @param step from 1
     * @return the alarms that it sets off
     */
    List<Alarm> look(
            int step, StepSize size, List<PreferenceExample> rows, TrainingStep.Outcome outcome) {
        skippedNow = !size.isFinite();
        if (skippedNow) {
            return List.of(
                    skipped.skip(step, size.loss(), size.gradNorm(), culprits(rows, outcome)));
        }
        RewardFigures figures = new RewardFigures(outcome.rows());
        boolean negatives = inputs.contains(LossInput.NEGATIVES);
        return alarms.look(
                new StepSigns(
                        step,
                        figures.chosenLogratio(),
                        figures.margin(),
                        negatives ? rows : List.of()));
    }

    /** Loss and gradient of a step. */
    record StepSize(double loss, double gradNorm) {
        boolean isFinite() {
            return Double.isFinite(loss) && Double.isFinite(gradNorm);
        }
    }

    private static List<PreferenceExample.Place> culprits(
            List<PreferenceExample> rows, TrainingStep.Outcome outcome) {
        List<PreferenceExample.Place> places = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            LossTerms.RowLoss loss = outcome.losses().get(i);
            if (!Double.isFinite(loss.image() + loss.text())) {
                places.add(rows.get(i).place());
            }
        }
        return places;
    }

    /** Figures of the examination that is due after a step, if one is. */
    Map<String, Double> examine(
            int step, int steps, LoraParameters parameters, Cancellation cancellation) {
        return gate.filter(keeper -> keeper.isDue(step, steps))
                .map(keeper -> keeper.examine(step, parameters.adapter(), cancellation))
                .orElse(Map.of());
    }

    /** Refuses to go on after too many steps that came to nothing, the last one of them. */
    void requireSound() {
        if (skippedNow) {
            skipped.requireFew();
        }
    }

    /** Whether the gate ends the run here. */
    boolean stops() {
        return gate.map(GateKeeper::stops).orElse(false);
    }

    /**
     * What the run leaves.
     *
     * @param made steps that were made or skipped
     */
    PeftAdapter result(PeftAdapter last, int made) {
        skipped.requireFewerThan(made);
        return gate.map(keeper -> keeper.result(last)).orElse(last);
    }
}
