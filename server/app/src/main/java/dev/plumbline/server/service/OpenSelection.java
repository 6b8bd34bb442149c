package dev.plumbline.server.service;

import dev.plumbline.engine.data.PartialRows;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.select.Miner;
import dev.plumbline.engine.select.MiningSetup;
import dev.plumbline.engine.select.Pool;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A selector, a pool and what embeds it, ready to choose. Holds them until it is closed.
 *
 * @param clip name of the CLIP model, empty where there is none
 */
record OpenSelection(
        MiningSetup setup, long seed, String clip, SelectionFields fields, AutoCloseable held)
        implements AutoCloseable {
    /** A miner for all rows of a data set. */
    Miner miner(List<PreferenceExample> rows) {
        try {
            return Miner.open(setup, rows, seed);
        } catch (PlumblineException e) {
            throw fields.at(e);
        }
    }

    /** A row with its negatives. */
    PreferenceExample mine(Miner miner, int row) {
        try {
            return miner.mine(row);
        } catch (PlumblineException e) {
            throw fields.at(e);
        }
    }

    /** Mines the rows that a file does not have yet. */
    void mineInto(Miner miner, PartialRows file, UnaryOperator<PreferenceExample> fresh) {
        try {
            miner.mineInto(file, fresh);
        } catch (PlumblineException e) {
            throw fields.at(e);
        }
    }

    /** Of all that decides what is chosen, but for the rows. */
    String fingerprint() {
        MiningSetup.Strategy strategy = setup.strategy();
        return String.join(
                "\n",
                pool(),
                Integer.toString(setup.source().pool().size()),
                setup.source().embedder().map(e -> e.digest()).orElse(""),
                strategy.selector().name(),
                strategy.version(),
                strategy.options().toString(),
                Integer.toString(setup.k()),
                Long.toString(seed),
                setup.guard().toString());
    }

    /** A pool that is not embedded is known by the names of its pictures. */
    private String pool() {
        Pool pool = setup.source().pool();
        return pool.digest().isEmpty()
                ? ContentDigests.of(
                        IntStream.range(0, pool.size())
                                .mapToObj(pool::id)
                                .collect(Collectors.joining("\n")))
                : pool.digest();
    }

    @Override
    public void close() {
        Closing.close(held);
    }
}
