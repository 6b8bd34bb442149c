package dev.plumbline.engine.select;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.spi.Negative;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * What a mined set is like. The figures of each row are written with it, so that a set that was
 * mined in several goes has the same figures as one that was mined in one.
 *
 * @param excludedFalseNegatives share of the pool that fitted the answer too well, mean over rows
 * @param excludedNearDuplicates share of the pool that was too near to the row's own picture
 * @param pairwiseCosine of the embeddings of a row's negatives, mean over pairs and rows
 * @param latentCosine the same of what the selector says about them
 * @param collapsedRows share of rows whose latent cosine is above 0.95
 * @param relaxedRows share of rows for which the guard had to let risky candidates back in
 * @param distinctNegatives different pictures among all that were chosen
 */
public record MiningFigures(
        OptionalDouble excludedFalseNegatives,
        OptionalDouble excludedNearDuplicates,
        OptionalDouble pairwiseCosine,
        OptionalDouble latentCosine,
        OptionalDouble collapsedRows,
        OptionalDouble relaxedRows,
        int distinctNegatives) {
    /** Mean cosine of latents above which a row's negatives are much the same. */
    public static final double COLLAPSE = 0.95;

    private static final String FALSE_NEGATIVES = "excluded_false_negatives";
    private static final String NEAR_DUPLICATES = "excluded_near_duplicates";
    private static final String PAIRWISE = "pairwise_cosine";
    private static final String LATENT = "latent_cosine";

    /** How far apart a row's negatives are. */
    record Dispersion(OptionalDouble pairwiseCosine, OptionalDouble latentCosine) {
        /**
         * @param embedded where the candidates have embeddings
         */
        static Dispersion of(List<Negative> negatives, Optional<RowSelection> embedded) {
            List<Negative> candidates =
                    negatives.stream().filter(n -> n.picture() == null).toList();
            List<double[]> vectors =
                    embedded.map(row ->
                                    candidates.stream()
                                            .map(n -> row.candidates().embedding(n.index()))
                                            .map(Dispersion::doubles)
                                            .toList())
                            .orElse(List.of());
            boolean told =
                    !negatives.isEmpty()
                            && negatives.stream().noneMatch(n -> n.latents().isEmpty());
            List<double[]> latents =
                    told ? negatives.stream().map(Dispersion::latents).toList() : List.of();
            return new Dispersion(meanCosine(vectors), meanCosine(latents));
        }

        private static double[] doubles(float[] floats) {
            double[] doubles = new double[floats.length];
            for (int i = 0; i < doubles.length; i++) {
                doubles[i] = floats[i];
            }
            return doubles;
        }

        private static double[] latents(Negative negative) {
            int most = negative.latents().stream().mapToInt(Negative.Latent::index).max().orElse(0);
            double[] values = new double[most + 1];
            negative.latents().forEach(latent -> values[latent.index()] = latent.activation());
            return values;
        }

        private static OptionalDouble meanCosine(List<double[]> vectors) {
            double sum = 0;
            int pairs = 0;
            for (int i = 0; i < vectors.size(); i++) {
                for (int j = 0; j < i; j++) {
                    sum += cosine(vectors.get(i), vectors.get(j));
                    pairs++;
                }
            }
            return pairs == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / pairs);
        }

        private static double cosine(double[] a, double[] b) {
            double ab = 0;
            double aa = 0;
            double bb = 0;
            for (int i = 0; i < Math.max(a.length, b.length); i++) {
                double x = i < a.length ? a[i] : 0;
                double y = i < b.length ? b[i] : 0;
                ab += x * y;
                aa += x * x;
                bb += y * y;
            }
            return aa == 0 || bb == 0 ? 0 : ab / Math.sqrt(aa * bb);
        }
    }

    /** Writes a row's figures into the row. */
    static PreferenceExample annotate(
            PreferenceExample row, Dispersion dispersion, Optional<Guard.Verdict> verdict) {
        ObjectNode fields = row.fields().deepCopy();
        verdict.ifPresent(v -> {
            double n = v.risks().length;
            fields.put(FALSE_NEGATIVES, v.falseNegatives().cardinality() / n);
            fields.put(NEAR_DUPLICATES, v.duplicates().cardinality() / n);
        });
        dispersion.pairwiseCosine().ifPresent(value -> fields.put(PAIRWISE, value));
        dispersion.latentCosine().ifPresent(value -> fields.put(LATENT, value));
        return row.withFields(fields);
    }

    /** Of a whole mined set. */
    public static MiningFigures of(List<PreferenceExample> rows) {
        Set<Object> distinct = new HashSet<>();
        rows.forEach(
                row -> row.negatives().stream().map(NegativeImage::image).forEach(distinct::add));
        return new MiningFigures(
                mean(rows, FALSE_NEGATIVES, value -> value),
                mean(rows, NEAR_DUPLICATES, value -> value),
                mean(rows, PAIRWISE, value -> value),
                mean(rows, LATENT, value -> value),
                mean(rows, LATENT, value -> value > COLLAPSE ? 1 : 0),
                rows.stream().mapToDouble(row -> relaxed(row) ? 1 : 0).average(),
                distinct.size());
    }

    /** All but the count, by the names that they are told under; those that are known. */
    public Map<String, Double> byName() {
        Map<String, Double> all = new LinkedHashMap<>();
        put(all, FALSE_NEGATIVES, excludedFalseNegatives);
        put(all, NEAR_DUPLICATES, excludedNearDuplicates);
        put(all, PAIRWISE, pairwiseCosine);
        put(all, LATENT, latentCosine);
        put(all, "collapsed_rows", collapsedRows);
        put(all, "relaxed_rows", relaxedRows);
        return all;
    }

    private static void put(Map<String, Double> all, String name, OptionalDouble value) {
        value.ifPresent(number -> all.put(name, number));
    }

    private static boolean relaxed(PreferenceExample row) {
        return row.negatives().stream()
                .anyMatch(n -> n.details().flags().contains(MinedNegatives.RELAXED));
    }

    private static OptionalDouble mean(
            List<PreferenceExample> rows, String field, ToDoubleFunction<Double> of) {
        return rows.stream()
                .map(row -> row.fields().path(field))
                .filter(value -> value.isNumber())
                .mapToDouble(value -> of.applyAsDouble(value.asDouble()))
                .average();
    }
}
