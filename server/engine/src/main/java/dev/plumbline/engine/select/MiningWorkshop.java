package dev.plumbline.engine.select;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.spi.Artefact;
import dev.plumbline.spi.Candidates;
import dev.plumbline.spi.Compute;
import dev.plumbline.spi.Workshop;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** What a selector is given for one data set, and what it leaves there. */
final class MiningWorkshop implements Workshop {
    private final MiningSetup setup;
    private final Candidates pool;
    private final RowEmbeddings embeddings;
    private final int rows;
    private final Supplier<String> digest;
    private final RandomGenerator random;
    private final Artefacts artefacts;
    private final Showings showings = new Showings();

    MiningWorkshop(
            MiningSetup setup, List<PreferenceExample> rows, RowEmbeddings embeddings, long seed) {
        this.setup = setup;
        this.pool = PoolCandidates.all(setup.source().pool(), setup.listener().cancellation());
        this.embeddings = embeddings;
        this.rows = rows.size();
        this.random = new SplittableRandom(seed);
        this.digest = () -> digest(setup.source(), rows);
        this.artefacts =
                new Artefacts(
                        setup.folders().artefacts(),
                        setup.strategy().selector().name(),
                        poolDigest(setup.source()));
    }

    private static String poolDigest(MiningSetup.Source source) {
        return Digests.of(
                source.pool().digest(), source.embedder().map(Embedder::digest).orElse(""));
    }

    private static String digest(MiningSetup.Source source, List<PreferenceExample> rows) {
        List<String> parts = new ArrayList<>(List.of(poolDigest(source)));
        for (PreferenceExample row : rows) {
            parts.add(Pictures.digest(row.image()));
            parts.add(row.prompt());
            parts.add(row.chosen());
        }
        return Digests.of(parts.toArray(String[]::new));
    }

    Showings showings() {
        return showings;
    }

    @Override
    public Candidates pool() {
        return pool;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public float[] imageEmbedding(int row) {
        return embeddings.image(row);
    }

    @Override
    public float[] promptEmbedding(int row) {
        return embeddings.prompt(row);
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    @Override
    public Compute compute() {
        return setup.source().compute();
    }

    @Override
    public String digest() {
        return digest.get();
    }

    @Override
    public Optional<Artefact> load(String name, String key) {
        return read(artefacts.find(name, key));
    }

    @Override
    public Optional<Artefact> latest(String name) {
        return read(artefacts.latest(name));
    }

    private Optional<Artefact> read(Optional<Path> file) {
        file.ifPresent(showings::artefact);
        return file.map(Artefacts::read);
    }

    @Override
    public void save(String name, String key, Artefact artefact) {
        showings.artefact(artefacts.save(name, key, artefact));
    }

    @Override
    public void progress(String phase, long done, long total) {
        setup.listener().cancellation().check();
        setup.listener().progress(phase, done, total);
    }

    @Override
    public void report(String name, double value) {
        showings.report(name, value);
    }

    @Override
    public void exhibit(String what, int candidate, double value) {
        showings.exhibit(new Showings.Exhibit(what, candidate, value));
    }
}
