package dev.plumbline.server.service;

import dev.plumbline.engine.data.ChangedRows;
import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceExample.Mining;
import dev.plumbline.engine.select.Miner;
import dev.plumbline.engine.select.MiningListener;
import dev.plumbline.server.config.Folders;
import dev.plumbline.server.store.ModelChoice;
import dev.plumbline.server.store.NegativesChoice;
import dev.plumbline.server.store.SelectionChoice;
import dev.plumbline.server.store.SelectionChoice.Margins;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.Collections;
import java.util.List;

/** Gives negatives to the rows of a training run that have none. */
@Singleton
public final class NegativesMining {
    private final Selections selections;
    private final Path pictures;
    private final Path cache;

    public NegativesMining(Selections selections, Folders folders) {
        this.selections = selections;
        this.pictures = folders.negatives();
        this.cache = folders.cache().resolve("data");
    }

    /** Looks selector and pool up and checks the options; nothing is read yet. */
    void check(NegativesChoice choice, long seed) {
        if (choice.wanted()) {
            var _ = selections.prepare(selection(choice, seed), SelectionFields.SPEC);
        }
    }

    /**
     * The rows as they will be, to plan with: each one's own picture stands for the negatives that
     * are still to be chosen.
     */
    static List<PreferenceExample> outline(NegativesChoice choice, List<PreferenceExample> rows) {
        if (!choice.wanted()) {
            return rows;
        }
        String sampling = choice.options().getOrDefault("sampling", "greedy");
        return new AbstractList<>() {
            @Override
            public PreferenceExample get(int index) {
                PreferenceExample row = rows.get(index);
                return row.negatives().isEmpty() ? outline(choice.k(), sampling, row) : row;
            }

            @Override
            public int size() {
                return rows.size();
            }
        };
    }

    private static PreferenceExample outline(int k, String sampling, PreferenceExample row) {
        var negative =
                new NegativeImage(
                        row.image(), 0, Double.NaN, 0, "", "", NegativeImage.Details.NONE);
        return row.with(new Mining(Collections.nCopies(k, negative), sampling, k, Double.NaN));
    }

    /** The rows in their order; those that had negatives keep them. */
    List<PreferenceExample> fill(
            NegativesChoice choice,
            List<PreferenceExample> rows,
            long seed,
            MiningListener listener) {
        SelectionChoice wanted = selection(choice, seed);
        var mined = new ChangedRows(rows, cache);
        try (OpenSelection selection =
                        selections.open(wanted, SelectionFields.SPEC, pictures, listener);
                Miner miner = selection.miner(rows)) {
            for (int i = 0; i < rows.size(); i++) {
                listener.cancellation().check();
                mined.add(selection.mine(miner, i));
                listener.progress("mining", i + 1L, rows.size());
            }
        }
        return mined.rows();
    }

    private static SelectionChoice selection(NegativesChoice choice, long seed) {
        return new SelectionChoice(
                choice.pool(),
                ModelChoice.NONE,
                choice.selector(),
                choice.options(),
                choice.k(),
                seed,
                new Margins(Margins.DEFAULT, Margins.DEFAULT));
    }
}
