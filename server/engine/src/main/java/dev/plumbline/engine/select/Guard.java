package dev.plumbline.engine.select;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.spi.Array;
import dev.plumbline.spi.Candidates;
import dev.plumbline.spi.Compute;
import java.util.BitSet;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Takes candidates out that are no negatives: those that fit the chosen answer about as well as the
 * row's own picture, {@code cos(h_v(c), h_t(y_p)) >= m cos(h_v(m_p), h_t(y_p))}, and those that are
 * about the same picture, {@code cos(h_v(c), h_v(m_p)) >= m'}. Where CLIP does not find the answer
 * in its own picture, {@code cos(h_v(m_p), h_t(y_p)) <= 0} ("No."), its word on others is worth
 * nothing, and the first margin lets all pass.
 *
 * @param falseNegativeMargin {@code m}; large numbers let all pass
 * @param duplicateMargin {@code m'}; above 1 all pass
 */
public record Guard(double falseNegativeMargin, double duplicateMargin) {
    private static final String COSINES = "cosines";

    public static final Guard DEFAULT = new Guard(0.95, 0.95);

    public Guard {
        check("false_negative_margin", falseNegativeMargin);
        check("duplicate_margin", duplicateMargin);
    }

    private static void check(String name, double margin) {
        if (!(margin > 0)) {
            throw PlumblineException.invalid(
                    name,
                    "MARGIN_INVALID",
                    "%s is %s: it must be above 0".formatted(name, margin),
                    Map.of("value", Double.toString(margin)));
        }
    }

    /** Similarities of all candidates to a row's own picture and to its chosen answer. */
    static Compute.Program similarities(Compute compute, int dimension) {
        return compute.compile(
                Map.of(),
                variables ->
                        Map.of(
                                COSINES,
                                variables
                                        .input("candidates", -1, dimension)
                                        .matmul(variables.input("row", dimension, 2))));
    }

    /** What the margins say about every candidate. */
    Verdict judge(Compute.Program similarities, Candidates pool, float[] image, float[] chosen) {
        float[] pair = new float[2 * image.length];
        for (int i = 0; i < image.length; i++) {
            pair[2 * i] = image[i];
            pair[2 * i + 1] = chosen[i];
        }
        Map<String, Array> outputs =
                pool.compute(similarities, Map.of("row", Array.of(pair, image.length, 2)));
        float[] cosines = Objects.requireNonNull(outputs.get(COSINES)).floats();
        double own = dot(image, chosen);
        BitSet falseNegatives = new BitSet(pool.size());
        BitSet duplicates = new BitSet(pool.size());
        float[] risks = new float[pool.size()];
        for (int i = 0; i < risks.length; i++) {
            duplicates.set(i, cosines[2 * i] >= duplicateMargin);
            falseNegatives.set(i, own > 0 && cosines[2 * i + 1] >= falseNegativeMargin * own);
            risks[i] = (float) risk(cosines[2 * i], cosines[2 * i + 1], own);
        }
        return new Verdict(falseNegatives, duplicates, risks);
    }

    /** The larger of what the two margins are held against. */
    static double risk(double toImage, double toChosen, double own) {
        return own > 0 ? Math.max(toImage, toChosen / own) : toImage;
    }

    static double dot(float[] a, float[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> (double) a[i] * b[i]).sum();
    }

    /**
     * What was found about the candidates.
     *
     * @param risks one a candidate
     */
    record Verdict(BitSet falseNegatives, BitSet duplicates, float[] risks) {
        /** Those that may be chosen, in ascending order. */
        int[] allowed() {
            return IntStream.range(0, risks.length)
                    .filter(i -> !falseNegatives.get(i) && !duplicates.get(i))
                    .toArray();
        }

        /** So many that are the least risky, in ascending order. */
        int[] leastRisky(int count) {
            return IntStream.range(0, risks.length)
                    .boxed()
                    .sorted((a, b) -> {
                        int byRisk = Float.compare(risks[a], risks[b]);
                        return byRisk != 0 ? byRisk : Integer.compare(a, b);
                    })
                    .mapToInt(Integer::intValue)
                    .limit(count)
                    .sorted()
                    .toArray();
        }
    }
}
