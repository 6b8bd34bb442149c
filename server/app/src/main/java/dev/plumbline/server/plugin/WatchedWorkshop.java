package dev.plumbline.server.plugin;

import dev.plumbline.spi.Artefact;
import dev.plumbline.spi.Candidates;
import dev.plumbline.spi.Compute;
import dev.plumbline.spi.Workshop;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A workshop where every progress counts as a sign of life.
 *
 * @param alive throws where the plugin was given up, which then can neither tell nor keep anything
 */
record WatchedWorkshop(Workshop workshop, Runnable alive) implements Workshop {
    @Override
    public Candidates pool() {
        return workshop.pool();
    }

    @Override
    public int rows() {
        return workshop.rows();
    }

    @Override
    public float[] imageEmbedding(int row) {
        return workshop.imageEmbedding(row);
    }

    @Override
    public float[] promptEmbedding(int row) {
        return workshop.promptEmbedding(row);
    }

    @Override
    public RandomGenerator random() {
        return workshop.random();
    }

    @Override
    public Compute compute() {
        return workshop.compute();
    }

    @Override
    public String digest() {
        return workshop.digest();
    }

    @Override
    public Optional<Artefact> load(String name, String key) {
        return workshop.load(name, key);
    }

    @Override
    public Optional<Artefact> latest(String name) {
        return workshop.latest(name);
    }

    @Override
    public void save(String name, String key, Artefact artefact) {
        alive.run();
        workshop.save(name, key, artefact);
    }

    @Override
    public void progress(String phase, long done, long total) {
        alive.run();
        workshop.progress(phase, done, total);
    }

    @Override
    public void report(String name, double value) {
        workshop.report(name, value);
    }

    @Override
    public void exhibit(String what, int candidate, double value) {
        workshop.exhibit(what, candidate, value);
    }
}
