package dev.plumbline.engine.select;

import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceExample.Mining;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.expr.DeclaredOptions;
import dev.plumbline.spi.Negative;
import dev.plumbline.spi.NegativeSelector;
import dev.plumbline.spi.Selection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Lets a selector choose negatives for rows that have none. */
public final class Miner {
    private final NegativeSelector selector;
    private final String version;
    private final DeclaredOptions options;
    private final ImagePool pool;
    private final int k;

    /**
     * @param version of the plugin, recorded with every negative
     * @param options as a user gave them
     * @param k negatives a row
     * @throws PlumblineException where an option is not valid, or {@code POOL_TOO_SMALL}
     */
    public Miner(
            NegativeSelector selector,
            String version,
            Map<String, String> options,
            ImagePool pool,
            int k) {
        this.selector = selector;
        this.version = version;
        this.options = DeclaredOptions.of(selector.name(), selector.options(), options);
        this.pool = pool;
        this.k = k;
        if (k < 1 || k > pool.images().size()) {
            throw PlumblineException.invalid(
                    "k",
                    "POOL_TOO_SMALL",
                    "k is %d, the pool has %d images".formatted(k, pool.images().size()));
        }
    }

    /**
     * The rows, those without negatives now with k each. Each row has a random source of its own,
     * so that the choice depends on seed and row alone.
     *
     * @throws PlumblineException {@code SELECTOR_FAILED} with the plugin's name and what it did
     */
    public List<PreferenceExample> mine(List<PreferenceExample> rows, long seed) {
        SplittableRandom seeds = new SplittableRandom(seed);
        return rows.stream()
                .map(row -> {
                    RandomGenerator random = seeds.split();
                    return row.negatives().isEmpty() ? mine(row, random) : row;
                })
                .toList();
    }

    private PreferenceExample mine(PreferenceExample row, RandomGenerator random) {
        Row selection = new Row(row.prompt(), row.chosen(), pool.images().size(), k, random);
        List<Negative> chosen;
        String sampling;
        try {
            chosen = selector.select(selection, options);
            sampling = selector.sampling(options);
        } catch (RuntimeException | LinkageError e) {
            throw failed(row, "threw " + e).causedBy(e);
        }
        check(row, chosen, sampling);
        List<NegativeImage> negatives =
                chosen.stream()
                        .map(negative ->
                                new NegativeImage(
                                        pool.images().get(negative.index()),
                                        negative.score(),
                                        negative.logQ(),
                                        negative.logWeight(),
                                        selector.name(),
                                        version))
                        .toList();
        return row.with(new Mining(negatives, sampling, pool.images().size(), Double.NaN));
    }

    /** A plugin need not keep to what the SPI says, null included. */
    private void check(
            PreferenceExample row, @Nullable List<Negative> chosen, @Nullable String sampling) {
        if (chosen == null || chosen.stream().anyMatch(Objects::isNull)) {
            throw failed(row, "gave null");
        }
        if (sampling == null || !Mining.SAMPLINGS.contains(sampling)) {
            throw failed(row, "samples '%s', not %s".formatted(sampling, Mining.SAMPLINGS));
        }
        if (chosen.size() != k) {
            throw failed(row, "chose %d negatives, not %d".formatted(chosen.size(), k));
        }
        Set<Integer> seen = new HashSet<>();
        for (Negative negative : chosen) {
            if (negative.index() < 0 || negative.index() >= pool.images().size()) {
                throw failed(row, "chose the candidate " + negative.index() + " out of the pool");
            }
            if (!seen.add(negative.index()) && !sampling.equals("with_replacement")) {
                throw failed(row, "chose the candidate " + negative.index() + " twice");
            }
            if (!Double.isFinite(negative.score()) || !Double.isFinite(negative.logWeight())) {
                throw failed(row, "gave a score or a weight that is not a finite number");
            }
            if (negative.logWeight() != 0 && sampling.equals("greedy")) {
                throw failed(row, "gave a weight to what it did not sample");
            }
        }
    }

    private PlumblineException failed(PreferenceExample row, String what) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "SELECTOR_FAILED",
                "the selector plugin %s %s for %s".formatted(selector.name(), what, row.place()),
                Map.of("selector", selector.name()));
    }

    /** What a selector is given of a row. */
    private record Row(String prompt, String chosen, int poolSize, int k, RandomGenerator random)
            implements Selection {}
}
