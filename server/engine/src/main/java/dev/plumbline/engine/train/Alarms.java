package dev.plumbline.engine.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Watches a run for the ways in which preference training is known to go wrong. An alarm sounds
 * when its condition begins to hold, and again only after it has ceased to. A pure function of the
 * steps and the state that it was given.
 */
final class Alarms {
    private final ChosenFall chosenFall;
    private final ProposalWeights proposalWeights;
    private final NegativesCollapse negativesCollapse;
    private final Set<String> sounding;

    /**
     * All that later alarms depend on, as plain values.
     *
     * @param sounding names of the alarms whose condition holds
     */
    record State(
            ChosenFall.State chosenFall,
            ProposalWeights.State proposalWeights,
            NegativesCollapse.State negativesCollapse,
            Set<String> sounding) {
        /** Before the first step. */
        static final State NONE =
                new State(
                        ChosenFall.State.NONE,
                        ProposalWeights.State.NONE,
                        NegativesCollapse.State.NONE,
                        Set.of());

        State {
            sounding = Set.copyOf(sounding);
        }
    }

    Alarms(State state) {
        this.chosenFall = new ChosenFall(state.chosenFall());
        this.proposalWeights = new ProposalWeights(state.proposalWeights());
        this.negativesCollapse = new NegativesCollapse(state.negativesCollapse());
        this.sounding = new TreeSet<>(state.sounding());
    }

    State state() {
        return new State(
                chosenFall.state(), proposalWeights.state(), negativesCollapse.state(), sounding);
    }

    /** The alarms that a step sets off. */
    List<Alarm> look(StepSigns signs) {
        List<Alarm> alarms = new ArrayList<>();
        sound(Alarm.CHOSEN_LOGPS_FALL, chosenFall.look(signs), signs, alarms);
        sound(Alarm.WEIGHTS_DEGENERATE, proposalWeights.look(signs), signs, alarms);
        sound(Alarm.NEGATIVES_COLLAPSE, negativesCollapse.look(signs), signs, alarms);
        return alarms;
    }

    private void sound(String name, Optional<String> message, StepSigns signs, List<Alarm> alarms) {
        if (message.isEmpty()) {
            sounding.remove(name);
        } else if (sounding.add(name)) {
            alarms.add(new Alarm(signs.step(), name, message.get()));
        }
    }
}
