package dev.plumbline.plugins.sae;

import dev.plumbline.spi.Artefact;
import dev.plumbline.spi.Chooser;
import dev.plumbline.spi.NegativeSelector;
import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.Options;
import dev.plumbline.spi.Workshop;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.pf4j.Extension;

/**
 * The selector of MISP-DPO (arXiv 2509.25717, section 3.2): a sparse autoencoder over differences
 * of fused CLIP embeddings says how telling a candidate is and how it differs from the others.
 */
@Extension
public final class SaeSelector implements NegativeSelector {
    private static final String NAME = "sae";

    /** A data set with fewer rows is not what to fit an autoencoder on, if there is one. */
    private static final int FEW_ROWS = 16;

    /** Of so many rows one is held out. */
    private static final int HELD_OUT = 10;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<OptionSpec> options() {
        return SaeOptions.specs();
    }

    @Override
    public Chooser open(Workshop workshop, Options given) {
        SaeOptions options = SaeOptions.of(given);
        String key = options + " " + workshop.digest();
        Optional<Artefact> own = workshop.load(NAME, key);
        Optional<Artefact> known =
                own.isEmpty() && workshop.rows() < FEW_ROWS
                        ? workshop.latest(NAME).filter(artefact -> fits(artefact, workshop))
                        : own;
        workshop.report("fitted_on_other_rows", own.isEmpty() && known.isPresent() ? 1 : 0);
        Autoencoder autoencoder =
                known.map(Autoencoder::of).orElseGet(() -> fit(workshop, options));
        Activation activation =
                known.map(artefact -> Activation.of(artefact.metadata()))
                        .orElse(options.activation());
        var scorer = new SaeScorer(autoencoder, activation, workshop.compute());
        try {
            Convergence convergence = Convergence.of(workshop, scorer, heldOut(workshop));
            convergence.report(workshop, options);
            if (known.isEmpty()) {
                workshop.save(NAME, key, autoencoder.artefact(convergence.metadata(options)));
            }
        } catch (RuntimeException | Error e) {
            scorer.close();
            throw e;
        }
        return new SaeChooser(scorer, given);
    }

    private static boolean fits(Artefact artefact, Workshop workshop) {
        Autoencoder autoencoder = Autoencoder.of(artefact);
        return autoencoder.image() == workshop.pool().dimension();
    }

    private static Autoencoder fit(Workshop workshop, SaeOptions options) {
        int[] rows =
                IntStream.range(0, workshop.rows())
                        .filter(row -> !isHeldOut(row, workshop.rows()))
                        .toArray();
        return new SaeFit(workshop, options, rows).run();
    }

    private static boolean isHeldOut(int row, int rows) {
        return rows >= HELD_OUT && row % HELD_OUT == HELD_OUT - 1;
    }

    /** Rows that the fit does not see; of few rows all, for want of others. */
    private static int[] heldOut(Workshop workshop) {
        int rows = workshop.rows();
        return IntStream.range(0, rows)
                .filter(row -> rows < HELD_OUT || isHeldOut(row, rows))
                .toArray();
    }
}
