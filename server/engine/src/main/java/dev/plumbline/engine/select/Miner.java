package dev.plumbline.engine.select;

import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.data.PartialRows;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceExample.Mining;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.expr.DeclaredOptions;
import dev.plumbline.spi.Choice;
import dev.plumbline.spi.Chooser;
import dev.plumbline.spi.Compute;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Lets a selector choose negatives for the rows of a data set. Each row has a random source of its
 * own, so that the choice depends on seed and row alone, whatever was mined before it.
 */
public final class Miner implements AutoCloseable {
    private static final long WORKSHOP_SEED = 0x706c756d62L;

    private final MiningSetup setup;
    private final List<PreferenceExample> rows;
    private final RowEmbeddings embeddings;
    private final List<RandomGenerator> randoms;
    private final MiningWorkshop workshop;
    private final OwnPictures own;
    private final ChoiceCheck check;
    private final MinedNegatives negatives;
    private final Compute.@Nullable Program similarities;
    private final Chooser chooser;

    private Miner(MiningSetup setup, List<PreferenceExample> rows, long seed) {
        this.setup = setup;
        this.rows = List.copyOf(rows);
        this.embeddings =
                new RowEmbeddings(
                        setup.source().embedder().map(SteadyEmbedder::of),
                        this.rows,
                        setup.listener().cancellation());
        SplittableRandom seeds = new SplittableRandom(seed);
        this.randoms = rows.stream().<RandomGenerator>map(row -> seeds.split()).toList();
        this.workshop = new MiningWorkshop(setup, this.rows, embeddings, seed ^ WORKSHOP_SEED);
        this.own = new OwnPictures(setup.source().pool());
        this.check = new ChoiceCheck(setup.strategy().selector().name(), setup.k());
        this.negatives = new MinedNegatives(setup, embeddings);
        this.similarities = guarded() ? similarities(setup) : null;
        try {
            this.chooser = open();
        } catch (RuntimeException | Error e) {
            closeSimilarities();
            throw e;
        }
    }

    /**
     * Makes ready, which may take long: a selector may have to be fitted.
     *
     * @param rows all of the data set
     * @throws PlumblineException where an option is not valid, {@code POOL_TOO_SMALL}, {@code
     *     CLIP_MISMATCH}, {@code CLIP_MISSING}, or {@code SELECTOR_FAILED} with the plugin's name
     *     and what it did
     */
    public static Miner open(MiningSetup setup, List<PreferenceExample> rows, long seed) {
        int size = setup.source().pool().size();
        if (setup.k() < 1 || setup.k() > size) {
            throw PlumblineException.invalid(
                    "k",
                    "POOL_TOO_SMALL",
                    "k is %d, the pool has %d images".formatted(setup.k(), size));
        }
        return new Miner(setup, rows, seed);
    }

    private boolean guarded() {
        return setup.source().embedder().isPresent()
                && setup.source().pool().embeddings().isPresent();
    }

    private static Compute.Program similarities(MiningSetup setup) {
        int dimension = setup.source().embedder().map(Embedder::dimension).orElseThrow();
        return Guard.similarities(setup.source().compute(), dimension);
    }

    private Chooser open() {
        var strategy = setup.strategy();
        DeclaredOptions options =
                DeclaredOptions.of(
                        strategy.selector().name(),
                        strategy.selector().options(),
                        strategy.options());
        return check.call("", () -> strategy.selector().open(workshop, options));
    }

    /**
     * The row with k negatives; one that had negatives stays as it is.
     *
     * @throws PlumblineException {@code SELECTOR_FAILED} with the plugin's name and what it did
     */
    public PreferenceExample mine(int index) {
        setup.listener().cancellation().check();
        PreferenceExample row = rows.get(index);
        if (!row.negatives().isEmpty()) {
            return row;
        }
        Optional<Guard.Verdict> verdict = judge(index);
        RowSelection selection = selection(index, verdict);
        String place = " for " + row.place();
        Choice choice = check.call(place, () -> chooser.choose(selection));
        check.check(place, choice, selection);
        List<NegativeImage> chosen = negatives.of(selection, choice, verdict);
        var mining =
                new Mining(
                        chosen,
                        choice.sampling(),
                        selection.candidates().size(),
                        choice.temperature());
        return MiningFigures.annotate(row.with(mining), dispersion(choice, selection), verdict);
    }

    /**
     * What the selector thinks of each candidate of a row: it is asked to choose all of them.
     *
     * @param sample of the candidates that the guard left; the same seed gives the same ones
     *     whatever the selector
     * @throws PlumblineException {@code SELECTOR_UNSUITABLE} where it makes pictures, or {@code
     *     SELECTOR_FAILED}
     */
    public CandidateScores score(int index, CandidateScores.Sample sample) {
        setup.listener().cancellation().check();
        RowSelection allowed = selection(index, judge(index));
        RowSelection all = allowed.all(sample.of(allowed.candidates(), index));
        String place = " for " + rows.get(index).place();
        Choice choice = check.call(place, () -> chooser.choose(all));
        String selector = setup.strategy().selector().name();
        new ChoiceCheck(selector, all.k()).check(place, choice, all);
        return CandidateScores.of(selector, choice, setup.source().pool(), all.candidates());
    }

    private Optional<Guard.Verdict> judge(int index) {
        return Optional.ofNullable(similarities)
                .map(program ->
                        setup.guard()
                                .judge(
                                        program,
                                        workshop.pool(),
                                        embeddings.image(index),
                                        embeddings.chosen(index)));
    }

    private RowSelection selection(int index, Optional<Guard.Verdict> verdict) {
        PreferenceExample row = rows.get(index);
        Optional<int[]> left = verdict.map(Guard.Verdict::allowed);
        boolean enough = left.isEmpty() || left.get().length >= setup.k();
        int[] allowed =
                enough
                        ? left.orElseGet(
                                () -> IntStream.range(0, setup.source().pool().size()).toArray())
                        : verdict.orElseThrow().leastRisky(setup.k());
        int[] others = own.without(allowed, row.image());
        var candidates =
                PoolCandidates.only(
                        setup.source().pool(),
                        others.length >= setup.k() ? others : allowed,
                        setup.listener().cancellation());
        return new RowSelection(
                row, index, setup.k(), randoms.get(index), candidates, embeddings, !enough);
    }

    private MiningFigures.Dispersion dispersion(Choice choice, RowSelection selection) {
        return MiningFigures.Dispersion.of(
                choice.negatives(), guarded() ? Optional.of(selection) : Optional.empty());
    }

    /**
     * Mines the rows that a file does not have yet.
     *
     * @param fresh what is done to each row that was given negatives
     */
    public void mineInto(PartialRows file, UnaryOperator<PreferenceExample> fresh) {
        for (int i = file.count(); i < rows.size(); i++) {
            setup.listener().progress("mining", i, rows.size());
            PreferenceExample mined = mine(i);
            file.append(rows.get(i).negatives().isEmpty() ? fresh.apply(mined) : mined);
        }
        setup.listener().progress("mining", rows.size(), rows.size());
        file.force();
    }

    /** What the selector showed so far. */
    public Showings showings() {
        return workshop.showings();
    }

    @Override
    public void close() {
        try {
            check.run("", chooser::close);
        } finally {
            closeSimilarities();
        }
    }

    private void closeSimilarities() {
        if (similarities != null) {
            similarities.close();
        }
    }
}
