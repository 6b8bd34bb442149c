package com.example.plugin;

import dev.plumbline.spi.Expression;
import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.Options;
import dev.plumbline.spi.PreferenceLoss;
import dev.plumbline.spi.PreferenceRow;
import java.util.List;
import org.pf4j.Extension;

/**
 * A hinge on DPO's margin: {@code max(0, margin - beta (r_chosen - r_rejected))}, {@code r = log
 * pi_theta - log pi_ref}. The engine differentiates what is written here.
 */
@Extension
public final class HingeLoss implements PreferenceLoss {
    @Override
    public String name() {
        return "hinge";
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                OptionSpec.number("beta", 0.1, 1e-6, 1e3, "Strength of the pull to the reference."),
                OptionSpec.number("margin", 1, 0, 1e3, "From which on a row costs nothing."));
    }

    @Override
    public Expression loss(PreferenceRow row, Options options) {
        Expression chosen = row.chosenLogps().minus(row.referenceChosenLogps());
        Expression rejected = row.rejectedLogps().minus(row.referenceRejectedLogps());
        return chosen.minus(rejected)
                .times(-options.number("beta"))
                .plus(options.number("margin"))
                .relu();
    }
}
