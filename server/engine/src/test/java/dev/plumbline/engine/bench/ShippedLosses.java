package dev.plumbline.engine.bench;

import dev.plumbline.engine.train.LossCatalog;
import dev.plumbline.plugins.dpo.DpoLoss;
import dev.plumbline.plugins.plackettluce.PlackettLuceLoss;
import dev.plumbline.spi.PreferenceLoss;
import java.util.List;
import java.util.Optional;

/** The losses of the paper. */
record ShippedLosses() implements LossCatalog {
    static final String PAPER = "plackett-luce + 1.0 * dpo";

    private static final List<PreferenceLoss> LOSSES =
            List.of(new PlackettLuceLoss(), new DpoLoss());

    @Override
    public Optional<PreferenceLoss> loss(String name) {
        return LOSSES.stream().filter(loss -> loss.name().equals(name)).findFirst();
    }

    @Override
    public List<String> names() {
        return LOSSES.stream().map(PreferenceLoss::name).toList();
    }
}
