package dev.plumbline.plugins.mdpo;

import dev.plumbline.spi.Expression;
import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.Options;
import dev.plumbline.spi.PreferenceLoss;
import dev.plumbline.spi.PreferenceRow;
import java.util.List;
import org.pf4j.Extension;

/**
 * mDPO: conditional preference optimization for multimodal models (Wang et al. 2024, arXiv
 * 2406.11839). With {@code r(y, m) = log pi_theta(y|x,m) - log pi_ref(y|x,m)}, the chosen answer
 * {@code y_w}, the rejected one {@code y_l}, the row's image {@code m_w} and a negative one {@code
 * m_l}, the sum of
 *
 * <ul>
 *   <li>DPO: {@code -log sigmoid(beta (r(y_w, m_w) - r(y_l, m_w)))};
 *   <li>conditional preference: {@code -log sigmoid(beta (r(y_w, m_w) - r(y_w, m_l)))}, so that the
 *       image is not ignored;
 *   <li>the anchor: {@code -log sigmoid(beta r(y_w, m_w) - anchor)}, so that the chosen answer does
 *       not become less likely; the paper's anchor is 0.
 * </ul>
 *
 * <p>The paper has one negative, a random crop of the image. Of several, the conditional term is
 * the mean over negatives. Its beta is 0.1 and both weights are 1.
 */
@Extension
public final class MdpoLoss implements PreferenceLoss {
    @Override
    public String name() {
        return "mdpo";
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                OptionSpec.number(
                        "beta", 0.1, 1e-6, 1e3, "Strength of the pull towards the reference."),
                OptionSpec.number(
                        "conditional_weight", 1, 0, 1e3, "Of the preference between images."),
                OptionSpec.number(
                        "anchor_weight", 1, 0, 1e3, "Of the anchor of the chosen answer's reward."),
                OptionSpec.number(
                        "anchor", 0, -1e3, 1e3, "Reward that the chosen answer is to exceed."));
    }

    @Override
    public Expression loss(PreferenceRow row, Options options) {
        double beta = options.number("beta");
        Expression chosen = row.chosenLogps().minus(row.referenceChosenLogps()).times(beta);
        Expression rejected = row.rejectedLogps().minus(row.referenceRejectedLogps()).times(beta);
        Expression negatives = row.negativeLogps().minus(row.referenceNegativeLogps()).times(beta);
        Expression conditional = preferred(chosen.minus(negatives));
        Expression mean = conditional.sum().dividedBy(conditional.count());
        Expression anchored = preferred(chosen.plus(-options.number("anchor")));
        return preferred(chosen.minus(rejected))
                .plus(mean.times(options.number("conditional_weight")))
                .plus(anchored.times(options.number("anchor_weight")));
    }

    private static Expression preferred(Expression margin) {
        return margin.logSigmoid().negated();
    }
}
