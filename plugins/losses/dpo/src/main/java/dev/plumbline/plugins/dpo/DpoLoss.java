package dev.plumbline.plugins.dpo;

import dev.plumbline.spi.Expression;
import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.Options;
import dev.plumbline.spi.PreferenceLoss;
import dev.plumbline.spi.PreferenceRow;
import java.util.List;
import org.pf4j.Extension;

/**
 * DPO on the two answers to one picture (Rafailov et al. 2023, arXiv 2305.18290, Eq. 7): {@code
 * -log sigmoid(beta (r(y_chosen) - r(y_rejected)))} with {@code r(y) = log pi_theta(y|x,m) - log
 * pi_ref(y|x,m)}.
 *
 * <p>With label smoothing {@code e}, the probability that the two were mixed up, it is conservative
 * DPO (Mitchell 2023, Eq. 3): {@code -(1 - e) log sigmoid(d) - e log sigmoid(-d)}, {@code d} being
 * what stands in the sigmoid above.
 */
@Extension
public final class DpoLoss implements PreferenceLoss {
    @Override
    public String name() {
        return "dpo";
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                OptionSpec.number(
                        "beta", 0.5, 1e-6, 1e3, "Strength of the pull towards the reference."),
                OptionSpec.number(
                        "label_smoothing",
                        0,
                        0,
                        0.5,
                        "Share of rows whose answers are taken to be mixed up."));
    }

    @Override
    public Expression loss(PreferenceRow row, Options options) {
        Expression chosenLogratios = row.chosenLogps().minus(row.referenceChosenLogps());
        Expression rejectedLogratios = row.rejectedLogps().minus(row.referenceRejectedLogps());
        Expression logits = chosenLogratios.minus(rejectedLogratios).times(options.number("beta"));
        double smoothing = options.number("label_smoothing");
        Expression loss = logits.logSigmoid().negated();
        return smoothing == 0
                ? loss
                : loss.times(1 - smoothing).minus(logits.negated().logSigmoid().times(smoothing));
    }
}
