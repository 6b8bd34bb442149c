package dev.plumbline.engine.train;

import dev.plumbline.plugins.dpo.DpoLoss;
import dev.plumbline.plugins.mdpo.MdpoLoss;
import dev.plumbline.plugins.plackettluce.PlackettLuceLoss;
import dev.plumbline.spi.PreferenceLoss;
import java.util.List;
import java.util.Optional;

/** The shipped losses, without PF4J. */
record Losses(List<PreferenceLoss> losses) implements LossCatalog {
    static final Losses SHIPPED =
            new Losses(List.of(new PlackettLuceLoss(), new DpoLoss(), new MdpoLoss()));

    @Override
    public Optional<PreferenceLoss> loss(String name) {
        return losses.stream().filter(loss -> loss.name().equals(name)).findFirst();
    }

    @Override
    public List<String> names() {
        return losses.stream().map(PreferenceLoss::name).toList();
    }
}
