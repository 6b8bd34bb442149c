package dev.plumbline.engine.select;

import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.spi.Artefact;
import dev.plumbline.spi.Candidates;
import dev.plumbline.spi.Compute;
import dev.plumbline.spi.Raster;
import dev.plumbline.spi.Selection;
import dev.plumbline.spi.Workshop;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** A data set of which only the embeddings are there. */
public final class BareWorkshop implements Workshop {
    private final Candidates pool;
    private final float[][] images;
    private final float[][] prompts;
    private final Compute compute;
    private final RandomGenerator random;
    private final Map<String, Artefact> saved = new HashMap<>();
    private final Map<String, Double> reports = new LinkedHashMap<>();
    private final List<String> exhibits = new ArrayList<>();
    private long calls;

    public BareWorkshop(
            Pool pool, float[][] images, float[][] prompts, Compute compute, long seed) {
        this(
                PoolCandidates.all(pool, Cancellation.none()),
                images,
                prompts,
                compute,
                new SplittableRandom(seed));
    }

    private BareWorkshop(
            Candidates pool,
            float[][] images,
            float[][] prompts,
            Compute compute,
            RandomGenerator random) {
        this.pool = pool;
        this.images = images;
        this.prompts = prompts;
        this.compute = compute;
        this.random = random;
    }

    /** The first few rows as a data set of their own, with all that was saved for the others. */
    public BareWorkshop only(int rows) {
        BareWorkshop other =
                new BareWorkshop(
                        pool,
                        Arrays.copyOf(images, rows),
                        Arrays.copyOf(prompts, rows),
                        compute,
                        random);
        other.saved.putAll(saved);
        return other;
    }

    public Map<String, Double> reports() {
        return reports;
    }

    public List<String> exhibits() {
        return exhibits;
    }

    public Map<String, Artefact> saved() {
        return saved;
    }

    /** How often the selector said that it is alive. */
    public long calls() {
        return calls;
    }

    /** A row as a chooser is given it. */
    public Selection row(int row, int k, long seed) {
        return new Row(this, row, k, new SplittableRandom(seed));
    }

    @Override
    public Candidates pool() {
        return pool;
    }

    @Override
    public int rows() {
        return images.length;
    }

    @Override
    public float[] imageEmbedding(int row) {
        return images[row].clone();
    }

    @Override
    public float[] promptEmbedding(int row) {
        return prompts[row].clone();
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    @Override
    public Compute compute() {
        return compute;
    }

    @Override
    public String digest() {
        return "bare";
    }

    @Override
    public Optional<Artefact> load(String name, String key) {
        return Optional.ofNullable(saved.get(name + " " + key));
    }

    @Override
    public Optional<Artefact> latest(String name) {
        return saved.entrySet().stream()
                .filter(e -> e.getKey().startsWith(name + " "))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    @Override
    public void save(String name, String key, Artefact artefact) {
        saved.put(name + " " + key, artefact);
    }

    @Override
    public void progress(String phase, long done, long total) {
        calls++;
    }

    @Override
    public void report(String name, double value) {
        reports.put(name, value);
    }

    @Override
    public void exhibit(String what, int candidate, double value) {
        exhibits.add(what + " " + candidate);
    }

    private record Row(BareWorkshop workshop, int row, int k, RandomGenerator random)
            implements Selection {
        @Override
        public String prompt() {
            return "What?";
        }

        @Override
        public String chosen() {
            return "That.";
        }

        @Override
        public Candidates candidates() {
            return workshop.pool();
        }

        @Override
        public Raster image() {
            byte[] rgb = new byte[3 * 40 * 30];
            new SplittableRandom(row).nextBytes(rgb);
            return new Raster(40, 30, rgb);
        }

        @Override
        public float[] imageEmbedding() {
            return workshop.imageEmbedding(row);
        }

        @Override
        public float[] promptEmbedding() {
            return workshop.promptEmbedding(row);
        }

        @Override
        public float[] chosenEmbedding() {
            throw new IllegalStateException("no answers");
        }
    }
}
