package dev.plumbline.engine.generate;

import dev.plumbline.engine.model.EncodedPrompt;
import dev.plumbline.engine.model.ModelFacts;
import dev.plumbline.engine.model.TokenPositions;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** Requests that no model answers, to be placed and moved. */
final class Sequences {
    static final ModelFacts FACTS =
            new ModelFacts(1000, 8, 20, 2, 3, 8, new ModelFacts.Pictures(19, 4));

    private Sequences() {}

    /** A request of so many tokens, the whole of which take {@code need} in the cache. */
    static Sequence of(int promptTokens, int need) {
        List<Integer> ids = IntStream.range(0, promptTokens).mapToObj(i -> i % 19).toList();
        EncodedPrompt prompt =
                new EncodedPrompt("", ids, List.of(), TokenPositions.text(promptTokens));
        return new Sequence(
                new Sequence.Asked(
                        prompt,
                        TokenKeys.of(prompt, List.of(), List.of()),
                        Tensor.zeros(DType.F32, Shape.of(0, 8)),
                        Optional.empty(),
                        SamplingOptions.greedy(need),
                        need - promptTokens + 1,
                        new Cancellation()),
                () -> {});
    }

    /** Makes a placed one ready to be decoded: its prompt is there and a token is chosen. */
    static void begin(Sequence sequence) {
        sequence.append(sequence.asked().promptTokens());
        sequence.choose(new float[20], Set.of());
    }

    /** Writes numbers that tell the row, the token and whether it is a layer's first. */
    static void write(KeyValueBuffer buffer, int row, int tokens, float base) {
        Tensor kept =
                Tensor.zeros(
                        DType.F32,
                        Shape.of(
                                FACTS.layers(), 2, FACTS.keyValueHeads(), tokens, FACTS.headDim()));
        for (long i = 0; i < kept.shape().elements(); i++) {
            kept.setFloat(i, base + i);
        }
        buffer.restore(row, 0, tokens, kept);
    }

    /** What {@link #write} wrote. */
    static float[] read(KeyValueBuffer buffer, int row, int tokens) {
        Tensor kept =
                Tensor.zeros(
                        DType.F32,
                        Shape.of(
                                FACTS.layers(), 2, FACTS.keyValueHeads(), tokens, FACTS.headDim()));
        buffer.save(row, 0, tokens, kept);
        return kept.toFloats();
    }
}
