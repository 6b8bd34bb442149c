package dev.plumbline.engine.generate;

import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Binding;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/** Reads a part of a prompt, of one sequence, in one run of the model. */
final class PromptStep {
    private final StepInputs inputs;

    /**
     * @param chunk tokens at most
     */
    PromptStep(LoadedModel model, int chunk) {
        this.inputs = new StepInputs(model, 1, chunk);
    }

    /**
     * Appends the next tokens of a prompt to its row.
     *
     * @return logits of what comes next, [vocabulary], where that was all of the prompt
     */
    Optional<float[]> run(Sequence sequence, int tokens, KeyValueBuffer buffer, Decoders decoders) {
        Sequence.Asked asked = sequence.asked();
        int from = sequence.length();
        int to = from + tokens;
        Binding binding = decoders.bind(buffer, sequence.row(), List.of(asked.adapter())).binding();
        for (int i = 0; i < tokens; i++) {
            inputs.token(i, asked.prompt().ids().get(from + i));
        }
        inputs.positions(0, asked.prompt().positions(), from, to);
        inputs.length(0, to);
        inputs.want(0, tokens - 1);
        inputs.bind(binding, 1, tokens, to, 1);
        bindPictures(binding, asked, from, to);
        binding.run(asked.cancellation());
        sequence.append(tokens);
        return to == asked.promptTokens() ? Optional.of(inputs.logits(0)) : Optional.empty();
    }

    /** The pieces of pictures that stand among these tokens. */
    private void bindPictures(Binding binding, Sequence.Asked asked, int from, int to) {
        List<Integer> places = asked.prompt().imagePositions();
        int first = firstAtLeast(places, from);
        int end = firstAtLeast(places, to);
        if (first == end) {
            inputs.bindNoPictures(binding);
            return;
        }
        long[] positions = new long[2 * (end - first)];
        for (int i = first; i < end; i++) {
            positions[2 * (i - first) + 1] = places.get(i) - from;
        }
        binding.input("image_features", asked.features().slice(first, end));
        binding.input("image_positions", Tensor.of(Shape.of(end - first, 2), positions));
    }

    private static int firstAtLeast(List<Integer> places, int position) {
        int index = 0;
        while (index < places.size() && places.get(index) < position) {
            index++;
        }
        return index;
    }
}
