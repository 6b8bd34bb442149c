package dev.plumbline.engine.generate;

import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.RotaryTable;
import dev.plumbline.engine.model.TokenPositions;
import dev.plumbline.engine.runtime.Binding;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;

/**
 * The small inputs of a decoder, written anew at each run into the same memory: ids and positions
 * of some tokens, and how long each sequence is with them.
 */
final class StepInputs {
    private final RotaryTable rotary;
    private final Tensor ids;
    private final Tensor cos;
    private final Tensor sin;
    private final Tensor lengths;
    private final Tensor total = Tensor.ofInts(Shape.of(), 0);
    private final Tensor wanted;
    private final Tensor logits;
    private final Tensor noFeatures;
    private final Tensor noPlaces = Tensor.zeros(DType.I64, Shape.of(0, 2));

    /**
     * @param sequences at most
     * @param tokens at most, of all sequences together
     */
    StepInputs(LoadedModel model, int sequences, int tokens) {
        this.rotary = model.rotary();
        this.ids = Tensor.zeros(DType.I64, Shape.of(tokens));
        this.cos = Tensor.zeros(DType.F32, Shape.of(tokens, rotary.width()));
        this.sin = Tensor.zeros(DType.F32, Shape.of(tokens, rotary.width()));
        this.lengths = Tensor.zeros(DType.I32, Shape.of(sequences));
        this.wanted = Tensor.zeros(DType.I64, Shape.of(sequences));
        this.logits = Tensor.zeros(DType.F32, Shape.of(sequences, model.facts().vocabSize()));
        this.noFeatures = Tensor.zeros(DType.F32, Shape.of(0, model.facts().hiddenSize()));
    }

    /** A token of the run, counted through all its sequences. */
    void token(int index, int id) {
        ids.setLong(index, id);
    }

    /** The positions of tokens {@code from} to {@code to} of a sequence, from one of the run on. */
    void positions(int index, TokenPositions positions, int from, int to) {
        rotary.fill(positions, from, to, cos, sin, index);
    }

    /** How long a sequence of the run is with its new tokens. */
    void length(int sequence, int tokens) {
        lengths.setLong(sequence, tokens - 1L);
    }

    /** Asks for the logits after a token of the run. */
    void want(int index, int token) {
        wanted.setLong(index, token);
    }

    /**
     * Binds it all.
     *
     * @param longest the length of the longest sequence
     * @param logitRows how many logits were asked for
     */
    void bind(Binding binding, int sequences, int tokens, int longest, int logitRows) {
        int each = tokens / sequences;
        Shape table = Shape.of(sequences, each, rotary.width());
        total.setLong(0, longest);
        binding.input("input_ids", ids.slice(0, tokens).reshape(Shape.of(sequences, each)));
        binding.input("rope_cos", cos.slice(0, tokens).reshape(table));
        binding.input("rope_sin", sin.slice(0, tokens).reshape(table));
        binding.input("seqlens_k", lengths.slice(0, sequences));
        binding.input("total_sequence_length", total);
        binding.input("logit_positions", wanted.slice(0, logitRows));
        binding.output("logits", logits.slice(0, logitRows));
    }

    /** There are no pictures among the tokens. */
    void bindNoPictures(Binding binding) {
        binding.input("image_features", noFeatures);
        binding.input("image_positions", noPlaces);
    }

    /** After the run: [vocabulary], in the order in which they were asked for. */
    float[] logits(int index) {
        return logits.slice(index, index + 1).toFloats();
    }
}
