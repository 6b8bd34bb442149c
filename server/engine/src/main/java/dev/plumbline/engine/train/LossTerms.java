package dev.plumbline.engine.train;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.expr.LossInput;
import dev.plumbline.engine.expr.LossValue;
import dev.plumbline.engine.expr.RowLogps;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.spi.PreferenceLoss;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A weighted sum of compiled losses. */
final class LossTerms implements AutoCloseable {
    private final List<LossTerm> terms;

    private LossTerms(List<LossTerm> terms) {
        this.terms = terms;
    }

    /**
     * Looks the losses up and compiles them.
     *
     * @throws PlumblineException {@code LOSS_NOT_FOUND}, {@code UNKNOWN_OPTION} or what is wrong
     *     with an option
     */
    static LossTerms compile(LossSpec spec, LossCatalog catalog, Runtime runtime) {
        List<PreferenceLoss> losses =
                spec.terms().stream().map(term -> find(term.loss(), catalog)).toList();
        LossOptions.requireKnown(spec.options(), losses);
        List<LossTerm> terms = new ArrayList<>();
        try {
            for (int i = 0; i < losses.size(); i++) {
                PreferenceLoss loss = losses.get(i);
                terms.add(
                        LossTerm.compile(
                                spec.terms().get(i).weight(),
                                loss,
                                LossOptions.of(loss, spec.options()),
                                runtime));
            }
            return new LossTerms(terms);
        } catch (RuntimeException e) {
            terms.forEach(term -> term.loss().close());
            throw e;
        }
    }

    private static PreferenceLoss find(String name, LossCatalog catalog) {
        return catalog.loss(name)
                .orElseThrow(() ->
                        new PlumblineException(
                                ErrorCode.NOT_FOUND,
                                "LOSS_NOT_FOUND",
                                "no loss named %s is plugged in; there are %s"
                                        .formatted(name, catalog.names()),
                                Map.of("field", "loss", "loss", name)));
    }

    /** What any of the losses reads. */
    Set<LossInput> inputs() {
        Set<LossInput> inputs = new HashSet<>();
        terms.forEach(term -> inputs.addAll(term.loss().inputs()));
        return inputs;
    }

    /** For the margins in the metrics: of the first loss. */
    double beta() {
        return terms.getFirst().beta();
    }

    /** For what the policy makes of the negatives: of the first loss that reads them. */
    double imageBeta() {
        return terms.stream()
                .filter(term -> term.reads(LossInput.NEGATIVES))
                .findFirst()
                .orElse(terms.getFirst())
                .beta();
    }

    /** See {@link LossTerm#requireSuitable}. */
    void requireSuitable(PreferenceExample row) {
        terms.forEach(term -> term.requireSuitable(row));
    }

    /** The sum for one row, and its derivative; NaN where either is not finite. */
    RowLoss evaluate(RowLogps row) {
        double image = 0;
        double text = 0;
        int negatives = row.policy().negatives().length;
        double[] gradients = new double[2 + negatives];
        for (LossTerm term : terms) {
            LossValue value = term.loss().evaluateAnyway(row);
            double loss = value.isFinite() ? value.loss() : Double.NaN;
            if (term.reads(LossInput.NEGATIVES)) {
                image += term.weight() * loss;
            } else {
                text += term.weight() * loss;
            }
            gradients[0] += term.weight() * value.gradient(LossInput.CHOSEN, 0);
            gradients[1] += term.weight() * value.gradient(LossInput.REJECTED, 0);
            for (int i = 0; i < negatives; i++) {
                gradients[2 + i] += term.weight() * value.gradient(LossInput.NEGATIVES, i);
            }
        }
        return new RowLoss(image, text, gradients);
    }

    /**
     * @param gradients with respect to log p of chosen, rejected, and chosen on each negative
     */
    @SuppressWarnings("ArrayRecordComponent")
    record RowLoss(double image, double text, double[] gradients) {}

    @Override
    public void close() {
        terms.forEach(term -> term.loss().close());
    }
}
