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
import java.util.EnumMap;
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

    /** Of the losses, for messages. */
    String names() {
        return String.join(", ", terms.stream().map(LossTerm::name).toList());
    }

    /** Whether any reads single tokens, which unit-weight passes cannot weigh. */
    boolean readTokens() {
        return inputs().stream().anyMatch(LossInput::isOfTokens);
    }

    /** Whether any reads the KL, for which the reference is run with every step. */
    boolean readKl() {
        return inputs().stream().anyMatch(LossInput::isKl);
    }

    /** The sum for one row, and its derivative; NaN where either is not finite. */
    RowLoss evaluate(RowLogps row) {
        double image = 0;
        double text = 0;
        Map<LossInput, double[]> sums = new EnumMap<>(LossInput.class);
        for (LossTerm term : terms) {
            LossValue value = term.loss().evaluateAnyway(row);
            double loss = value.isFinite() ? value.loss() : Double.NaN;
            if (term.reads(LossInput.NEGATIVES)) {
                image += term.weight() * loss;
            } else {
                text += term.weight() * loss;
            }
            value.gradients().forEach((input, part) -> add(part, term.weight(), input, sums));
        }
        return new RowLoss(image, text, gradients(sums, row.policy().negatives().length));
    }

    private static void add(
            float[] part, double weight, LossInput input, Map<LossInput, double[]> sums) {
        double[] sum = sums.computeIfAbsent(input, key -> new double[part.length]);
        for (int i = 0; i < part.length; i++) {
            sum[i] += weight * part[i];
        }
    }

    private static List<AnswerGradient> gradients(Map<LossInput, double[]> sums, int negatives) {
        double[] zero = {0};
        double[] none = {};
        List<AnswerGradient> all = new ArrayList<>();
        all.add(
                new AnswerGradient(
                        sums.getOrDefault(LossInput.CHOSEN, zero)[0],
                        sums.getOrDefault(LossInput.CHOSEN_TOKENS, none),
                        sums.getOrDefault(LossInput.CHOSEN_KL, none)));
        all.add(
                new AnswerGradient(
                        sums.getOrDefault(LossInput.REJECTED, zero)[0],
                        sums.getOrDefault(LossInput.REJECTED_TOKENS, none),
                        sums.getOrDefault(LossInput.REJECTED_KL, none)));
        double[] images = sums.getOrDefault(LossInput.NEGATIVES, new double[negatives]);
        for (double image : images) {
            all.add(AnswerGradient.of(image));
        }
        return all;
    }

    /**
     * @param answers the derivatives for chosen, rejected, and chosen on each negative
     */
    record RowLoss(double image, double text, List<AnswerGradient> answers) {
        RowLoss {
            answers = List.copyOf(answers);
        }
    }

    @Override
    public void close() {
        terms.forEach(term -> term.loss().close());
    }
}
