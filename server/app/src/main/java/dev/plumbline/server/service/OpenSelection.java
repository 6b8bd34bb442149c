package dev.plumbline.server.service;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.select.Miner;
import dev.plumbline.engine.select.MiningSetup;
import java.util.List;

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

    /** Of all that decides what is chosen, but for the rows. */
    String fingerprint() {
        MiningSetup.Strategy strategy = setup.strategy();
        return String.join(
                "\n",
                setup.source().pool().digest(),
                Integer.toString(setup.source().pool().size()),
                setup.source().embedder().map(e -> e.digest()).orElse(""),
                strategy.selector().name(),
                strategy.version(),
                strategy.options().toString(),
                Integer.toString(setup.k()),
                Long.toString(seed),
                setup.guard().toString());
    }

    @Override
    public void close() {
        Closing.close(held);
    }
}
