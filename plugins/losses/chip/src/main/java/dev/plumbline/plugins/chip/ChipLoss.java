package dev.plumbline.plugins.chip;

import dev.plumbline.spi.AnswerTokens;
import dev.plumbline.spi.Expression;
import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.Options;
import dev.plumbline.spi.PreferenceLoss;
import dev.plumbline.spi.PreferenceRow;
import java.util.List;
import org.pf4j.Extension;

/**
 * CHiP: cross-modal hierarchical DPO (Fu et al. 2025, arXiv 2501.16629). With {@code r(y, m) = log
 * pi_theta(y|x,m) - log pi_ref(y|x,m)}, the chosen answer {@code y_w}, the rejected one {@code
 * y_l}, the row's image {@code m_w} and a negative one {@code m_l}, the sum of
 *
 * <ul>
 *   <li>response and token level: {@code -log sigmoid(beta (r(y_w, m_w) - r(y_l, m_w) -
 *       token_weight (D(y_l) - sg D(y_w))))}, {@code D(y) = sum_t KL(pi_ref || pi_theta)} being the
 *       sequential KL divergence and {@code sg} a value that is not differentiated;
 *   <li>{@code segment_weight} times the segment level, {@code -log sigmoid(beta (s(y_w) -
 *       s(y_l)))}, {@code s} being the part of {@code r} on tokens that the other answer does not
 *       have;
 *   <li>{@code visual_weight} times the visual preference, {@code -log sigmoid(beta (r(y_w, m_w) -
 *       r(y_w, m_l)))}, the mean over negatives.
 * </ul>
 *
 * <p>The token level has no lower bound by itself: it stands in the sigmoid, as in the authors'
 * code and in TDPO (Zeng et al. 2024, arXiv 2404.11999), where it comes from. A {@code
 * token_weight} of 0 leaves the KL out, and with it the reference's pass with every step. The
 * authors weigh segments by 3 for LLaVA-1.6 and by 1 for Muffin, tokens by 0.1; beta is 0.5.
 */
@Extension
public final class ChipLoss implements PreferenceLoss {
    @Override
    public String name() {
        return "chip";
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                OptionSpec.number(
                        "beta", 0.5, 1e-6, 1e3, "Strength of the pull towards the reference."),
                OptionSpec.number("visual_weight", 1, 0, 1e3, "Of the preference between images."),
                OptionSpec.number(
                        "segment_weight", 3, 0, 1e3, "Of the tokens in which the answers differ."),
                OptionSpec.number(
                        "token_weight", 0.1, 0, 1e3, "Of the KL to the reference by token."));
    }

    @Override
    public Expression loss(PreferenceRow row, Options options) {
        double beta = options.number("beta");
        Expression chosen = row.chosenLogps().minus(row.referenceChosenLogps());
        Expression rejected = row.rejectedLogps().minus(row.referenceRejectedLogps());
        Expression margin = chosen.minus(rejected);
        double tokenWeight = options.number("token_weight");
        if (tokenWeight > 0) {
            margin = margin.minus(drift(row).times(tokenWeight));
        }
        Expression loss = preferred(margin, beta);
        double segmentWeight = options.number("segment_weight");
        if (segmentWeight > 0) {
            Expression segments = segment(row.chosenTokens()).minus(segment(row.rejectedTokens()));
            loss = loss.plus(preferred(segments, beta).times(segmentWeight));
        }
        double visualWeight = options.number("visual_weight");
        if (visualWeight > 0) {
            Expression negatives = row.negativeLogps().minus(row.referenceNegativeLogps());
            Expression visual = preferred(chosen.minus(negatives), beta);
            loss = loss.plus(visual.sum().dividedBy(visual.count()).times(visualWeight));
        }
        return loss;
    }

    private static Expression drift(PreferenceRow row) {
        Expression chosen = row.chosenTokens().kl().sum().detached();
        return row.rejectedTokens().kl().sum().minus(chosen);
    }

    private static Expression segment(AnswerTokens tokens) {
        return tokens.logps().minus(tokens.referenceLogps()).times(tokens.changed()).sum();
    }

    private static Expression preferred(Expression margin, double beta) {
        return margin.times(beta).logSigmoid().negated();
    }
}
