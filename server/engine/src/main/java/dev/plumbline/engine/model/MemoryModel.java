package dev.plumbline.engine.model;

import dev.plumbline.engine.checkpoint.Storage;
import dev.plumbline.engine.checkpoint.WeightEntry;
import dev.plumbline.engine.checkpoint.WeightIndex;
import dev.plumbline.engine.graph.ValueMemory;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Precision;
import dev.plumbline.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Tells what a model would take, from its configuration and the headers of its weight files. */
final class MemoryModel {
    /** Of a prompt, in one piece. */
    private static final long CHUNK = 512;

    /** That are held where nobody says for how many the memory must do. */
    private static final int USUAL_TOKENS = 4096;

    /** Of a training sequence, unless the context is shorter. */
    private static final int TRAINING_TOKENS = 1024;

    /** What is worth serving. */
    private static final int FEWEST_TOKENS = 256;

    private static final List<Precision> PRECISIONS =
            List.of(Precision.FP32, Precision.INT8, Precision.INT4);

    private final ModelFamily family;
    private final WeightIndex index;

    /**
     * @param index which holds all the family's tensors
     */
    MemoryModel(ModelFamily family, WeightIndex index) {
        this.family = family;
        this.index = index;
    }

    /**
     * @param contextLength as {@link LoadOptions} has it
     */
    MemoryEstimate estimate(Precision precision, int contextLength, long available) {
        int tokens = tokens(contextLength);
        MemoryParts parts = parts(precision, tokens);
        int trainingTokens = Math.min(TRAINING_TOKENS, family.facts().contextLength());
        return new MemoryEstimate(
                precision,
                tokens,
                parts,
                new MemoryEstimate.Training(trainingTokens, training(precision, trainingTokens)),
                available,
                parts.total() <= available ? List.of() : fitting(precision, tokens, available));
    }

    /** Bytes of the weights as they are kept, the unpacked bytes of quantized ones included. */
    long storedBytes(Precision precision) {
        return plainBytes(precision) + quantizedBytes(precision);
    }

    private int tokens(int contextLength) {
        int most = family.facts().contextLength();
        return Math.min(most, contextLength == 0 ? USUAL_TOKENS : contextLength);
    }

    private MemoryParts parts(Precision precision, int tokens) {
        return new MemoryParts(
                plainBytes(precision),
                quantizedBytes(precision),
                tokens * family.facts().cacheBytesPerToken(),
                prefill(tokens),
                new ValueMemory(family.vision(), family.largestPicture(tokens)).peak());
    }

    private long prefill(int tokens) {
        long chunk = Math.min(CHUNK, tokens);
        Map<String, Long> sizes =
                Map.of("B", 1L, "S", chunk, "N", 1L, "images", chunk, "capacity", (long) tokens);
        return new ValueMemory(family.decoder(Set.of()), sizes).peak();
    }

    /** A sequence of which a quarter is the answer: all values that a backward pass may need. */
    private long training(Precision precision, int tokens) {
        Map<String, Long> sizes =
                Map.of("B", 1L, "S", (long) tokens, "N", tokens / 4L, "images", (long) tokens);
        // The backward pass reads the quantized weights as they are stored.
        return new ValueMemory(family.scores(Set.of(), false), sizes).sum()
                + quantizedBytes(precision);
    }

    private List<MemoryEstimate.Option> fitting(Precision asked, int tokens, long available) {
        List<MemoryEstimate.Option> fitting = new ArrayList<>();
        for (Precision precision : PRECISIONS) {
            long needed = parts(precision, tokens).total();
            if (precision != asked.stored() && needed <= available) {
                fitting.add(new MemoryEstimate.Option(precision, tokens, needed));
            }
        }
        Precision shorter = fitting.isEmpty() ? Precision.INT4 : asked;
        for (int fewer = tokens / 2; fewer >= FEWEST_TOKENS; fewer /= 2) {
            long needed = parts(shorter, fewer).total();
            if (needed <= available) {
                fitting.add(new MemoryEstimate.Option(shorter, fewer, needed));
                break;
            }
        }
        return fitting;
    }

    private long plainBytes(Precision precision) {
        return sum(precision, false);
    }

    private long quantizedBytes(Precision precision) {
        return sum(precision, true);
    }

    private long sum(Precision precision, boolean quantized) {
        Map<String, Shape> shapes = new HashMap<>(family.tensors());
        long bytes = 0;
        for (var wanted : StoragePlan.of(family, precision).entrySet()) {
            Shape shape = shapes.get(wanted.getKey());
            for (Storage storage : wanted.getValue()) {
                if (shape != null && storage.isQuantized() == quantized) {
                    bytes += bytes(wanted.getKey(), shape, storage);
                }
            }
        }
        return bytes;
    }

    private long bytes(String name, Shape shape, Storage storage) {
        return switch (storage) {
            case FP32 -> DType.F32.bytes(shape.elements());
            case AS_STORED ->
                    index.find(name)
                            .map(WeightEntry::dtype)
                            .filter(stored -> stored != DType.F64)
                            .orElse(DType.F32)
                            .bytes(shape.elements());
            case INT8, INT4 -> storage.quantizedBytes(shape.get(0), shape.get(1));
        };
    }
}
