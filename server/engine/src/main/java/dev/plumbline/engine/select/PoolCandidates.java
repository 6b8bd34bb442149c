package dev.plumbline.engine.select;

import dev.plumbline.engine.expr.CompiledProgram;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.spi.Array;
import dev.plumbline.spi.Candidates;
import dev.plumbline.spi.Compute;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** A pool, or those of it that may be chosen, as selectors see it. */
final class PoolCandidates implements Candidates {
    private final Pool pool;
    private final int[] allowed;
    private final Cancellation cancellation;

    private PoolCandidates(Pool pool, int[] allowed, Cancellation cancellation) {
        this.pool = pool;
        this.allowed = allowed;
        this.cancellation = cancellation;
    }

    static PoolCandidates all(Pool pool, Cancellation cancellation) {
        return only(pool, IntStream.range(0, pool.size()).toArray(), cancellation);
    }

    /**
     * @param allowed numbers in the pool, ascending
     */
    static PoolCandidates only(Pool pool, int[] allowed, Cancellation cancellation) {
        return new PoolCandidates(pool, allowed, cancellation);
    }

    /** Some of them, as the random source decides; all where there are no more. */
    PoolCandidates sample(int most, RandomGenerator random) {
        if (allowed.length <= most) {
            return this;
        }
        int[] some =
                random.ints(0, allowed.length)
                        .distinct()
                        .limit(most)
                        .sorted()
                        .map(i -> allowed[i])
                        .toArray();
        return new PoolCandidates(pool, some, cancellation);
    }

    /** A candidate's number in the pool. */
    int inPool(int index) {
        return allowed[index];
    }

    @Override
    public int size() {
        return allowed.length;
    }

    @Override
    public int dimension() {
        return Math.toIntExact(embeddings().shape().get(1));
    }

    @Override
    public float[] embedding(int index) {
        int at = allowed[index];
        return embeddings().slice(at, at + 1L).toFloats();
    }

    /** Over the whole pool, where it is in memory in one piece; then those that may be chosen. */
    @Override
    public Map<String, Array> compute(Compute.Program program, Map<String, Array> inputs) {
        if (!(program instanceof CompiledProgram compiled)) {
            throw new IllegalArgumentException(
                    "a program that the engine did not make: " + program.getClass().getName());
        }
        Map<String, Array> outputs = compiled.over(embeddings(), inputs, cancellation);
        if (allowed.length == pool.size()) {
            return outputs;
        }
        Map<String, Array> rows = new HashMap<>();
        outputs.forEach((name, output) -> rows.put(name, rows(output)));
        return rows;
    }

    private Array rows(Array all) {
        int[] shape = all.shape();
        int width = shape[0] == 0 ? 0 : all.size() / shape[0];
        shape[0] = allowed.length;
        if (all.isDouble()) {
            double[] some = new double[allowed.length * width];
            for (int i = 0; i < allowed.length; i++) {
                System.arraycopy(all.doubles(), allowed[i] * width, some, i * width, width);
            }
            return Array.of(some, shape);
        }
        float[] some = new float[allowed.length * width];
        for (int i = 0; i < allowed.length; i++) {
            System.arraycopy(all.floats(), allowed[i] * width, some, i * width, width);
        }
        return Array.of(some, shape);
    }

    private Tensor embeddings() {
        return pool.embeddings().orElseThrow(RowEmbeddings::missing);
    }
}
