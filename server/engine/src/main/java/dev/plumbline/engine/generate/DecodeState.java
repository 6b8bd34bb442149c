package dev.plumbline.engine.generate;

import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.LoraTensors;
import dev.plumbline.engine.model.ModelFacts;
import dev.plumbline.engine.model.RotaryTable;
import dev.plumbline.engine.model.TokenPositions;
import dev.plumbline.engine.runtime.Binding;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One sequence under way: its cache of keys and values, which the model reads and writes in place,
 * and how long it is.
 */
final class DecodeState implements AutoCloseable {
    private final ModelFacts facts;
    private final RotaryTable rotary;
    private final TokenPositions tokens;
    private final Binding binding;
    private final Tensor logits;
    private int length;

    /**
     * @param tokens positions of the prompt
     * @param capacity most tokens that the sequence will have
     */
    DecodeState(LoadedModel model, LoraTensors lora, TokenPositions tokens, int capacity) {
        this.facts = model.facts();
        this.rotary = model.rotary();
        this.tokens = tokens;
        this.logits = Tensor.zeros(DType.F32, Shape.of(1, facts.vocabSize()));
        Shape cache = Shape.of(1, facts.keyValueHeads(), capacity, facts.headDim());
        Map<String, Tensor> caches = new LinkedHashMap<>();
        for (int layer = 0; layer < facts.layers(); layer++) {
            caches.put(layer + ".key", Tensor.zeros(DType.F32, cache));
            caches.put(layer + ".value", Tensor.zeros(DType.F32, cache));
        }
        // Once there is memory for all of it: nothing would close a binding half made.
        this.binding = model.sessions().decoder(lora.modules()).bind();
        caches.forEach((name, tensor) -> {
            binding.input("past." + name, tensor);
            binding.output("present." + name, tensor);
        });
        lora.inputs().forEach(binding::input);
        binding.output("logits", logits);
    }

    /**
     * Appends tokens to the sequence.
     *
     * @param features of the pictures among them, [pieces, hidden]
     * @param places where in {@code ids} the pieces stand
     * @return logits of what comes next, [vocabulary]
     */
    float[] append(
            List<Integer> ids, Tensor features, List<Integer> places, Cancellation cancellation) {
        int count = ids.size();
        long[] positions = new long[2 * places.size()];
        for (int i = 0; i < places.size(); i++) {
            positions[2 * i + 1] = places.get(i);
        }
        binding.input("input_ids", Tensor.of(Shape.of(1, count), longs(ids)));
        binding.input("image_features", features);
        binding.input("image_positions", Tensor.of(Shape.of(places.size(), 2), positions));
        rotate(length, length + count);
        binding.input("logit_positions", Tensor.of(Shape.of(1), count - 1L));
        length += count;
        binding.input("seqlens_k", Tensor.ofInts(Shape.of(1), length - 1));
        binding.input("total_sequence_length", Tensor.ofInts(Shape.of(), length));
        binding.run(cancellation);
        return logits.toFloats();
    }

    private void rotate(int from, int to) {
        Shape shape = Shape.of(1, to - from, rotary.width());
        Tensor cos = Tensor.zeros(DType.F32, shape);
        Tensor sin = Tensor.zeros(DType.F32, shape);
        rotary.fill(tokens, from, to, cos, sin, 0);
        binding.input("rope_cos", cos);
        binding.input("rope_sin", sin);
    }

    /** Appends one token of text. */
    float[] append(int id, Cancellation cancellation) {
        Tensor none = Tensor.zeros(DType.F32, Shape.of(0, facts.hiddenSize()));
        return append(List.of(id), none, List.of(), cancellation);
    }

    private static long[] longs(List<Integer> values) {
        return values.stream().mapToLong(Integer::longValue).toArray();
    }

    @Override
    public void close() {
        binding.close();
    }
}
