package dev.plumbline.engine.generate;

import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.model.TokenPositions;
import dev.plumbline.engine.runtime.Binding;
import dev.plumbline.engine.runtime.Cancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One more token for each of several sequences, in one run of the model. */
final class DecodeStep {
    private static final TokenPositions ANY = TokenPositions.text(0);

    private final StepInputs inputs;

    DecodeStep(LoadedModel model, int slots) {
        this.inputs = new StepInputs(model, slots, slots);
    }

    /**
     * Appends the last token of each sequence to its row.
     *
     * <p>The run takes all rows up to the last of theirs. What is between them and has no token
     * now, is given any: its key and value land where the sequence's next ones will, and nobody
     * asks for its logits.
     *
     * @param ready some of those that have a row, first row first
     */
    void run(Slots slots, List<Sequence> ready, Decoders decoders, Cancellation cancellation) {
        int rows = ready.getLast().row() + 1;
        List<Optional<LoraAdapter>> adapters = new ArrayList<>();
        int longest = 0;
        int next = 0;
        for (int row = 0; row < rows; row++) {
            Sequence sequence = slots.at(row);
            boolean wanted = sequence == ready.get(next);
            int length = 1 + (sequence == null ? 0 : sequence.length());
            inputs.token(row, wanted ? ready.get(next).last() : 0);
            TokenPositions positions = wanted ? ready.get(next).asked().prompt().positions() : ANY;
            inputs.positions(row, positions, length - 1, length);
            inputs.length(row, length);
            longest = Math.max(longest, length);
            adapters.add(wanted ? ready.get(next).asked().adapter() : Optional.empty());
            if (wanted) {
                inputs.want(next++, row);
            }
        }
        Binding binding = decoders.bind(slots.buffer(), 0, adapters).binding();
        inputs.bind(binding, rows, rows, longest, ready.size());
        inputs.bindNoPictures(binding);
        binding.run(cancellation);
        ready.forEach(sequence -> sequence.append(1));
    }

    /** After a run: what comes next in one of its sequences. */
    float[] logits(int index) {
        return inputs.logits(index);
    }
}
