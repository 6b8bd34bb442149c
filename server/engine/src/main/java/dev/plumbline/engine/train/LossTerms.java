package dev.plumbline.engine.train;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.expr.CompiledLoss;
import dev.plumbline.engine.expr.DeclaredOptions;
import dev.plumbline.engine.expr.LossInput;
import dev.plumbline.engine.expr.LossValue;
import dev.plumbline.engine.expr.RowLogps;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.PreferenceLoss;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** A weighted sum of compiled losses. */
final class LossTerms implements AutoCloseable {
    private static final double DEFAULT_BETA = 0.5;
    private static final Set<String> NEED_A_PROPOSAL = Set.of("raw", "pool");

    private final List<Term> terms;

    private LossTerms(List<Term> terms) {
        this.terms = terms;
    }

    private record Term(
            double weight, CompiledLoss loss, DeclaredOptions options, Settings settings) {}

    /** What we read of a plugin's options for metrics and checks. */
    private record Settings(String name, double beta, String weighting) {}

    /**
     * Looks the losses up and compiles them.
     *
     * @throws PlumblineException {@code LOSS_NOT_FOUND}, {@code UNKNOWN_OPTION} or what is wrong
     *     with an option
     */
    static LossTerms compile(LossSpec spec, LossCatalog catalog, Runtime runtime) {
        List<PreferenceLoss> losses =
                spec.terms().stream().map(term -> find(term.loss(), catalog)).toList();
        requireKnown(spec.options(), losses);
        List<Term> terms = new ArrayList<>();
        try {
            for (int i = 0; i < losses.size(); i++) {
                PreferenceLoss loss = losses.get(i);
                DeclaredOptions options = options(loss, spec.options());
                terms.add(
                        new Term(
                                spec.terms().get(i).weight(),
                                CompiledLoss.of(loss, options, runtime),
                                options,
                                settings(loss, options)));
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

    private static DeclaredOptions options(PreferenceLoss loss, Map<String, String> given) {
        Map<String, String> own = new HashMap<>();
        for (OptionSpec option : loss.options()) {
            String plain = given.get(option.name());
            String named = given.get(loss.name() + "." + option.name());
            if (named != null || plain != null) {
                own.put(option.name(), named != null ? named : Objects.requireNonNull(plain));
            }
        }
        return DeclaredOptions.of(loss.name(), loss.options(), own);
    }

    private static void requireKnown(Map<String, String> given, List<PreferenceLoss> losses) {
        Set<String> known = new TreeSet<>();
        for (PreferenceLoss loss : losses) {
            for (OptionSpec option : loss.options()) {
                known.add(loss.name() + "." + option.name());
            }
        }
        for (String key : given.keySet()) {
            if (known.stream().noneMatch(name -> name.equals(key) || name.endsWith("." + key))) {
                throw new PlumblineException(
                        ErrorCode.INVALID_ARGUMENT,
                        "UNKNOWN_OPTION",
                        "no loss of this run has the option %s; there are %s".formatted(key, known),
                        Map.of("field", "loss_options." + key, "option", key));
            }
        }
    }

    private static Settings settings(PreferenceLoss loss, DeclaredOptions options) {
        return new Settings(
                loss.name(),
                declares(loss, "beta", OptionSpec.Type.NUMBER)
                        ? options.number("beta")
                        : DEFAULT_BETA,
                declares(loss, "weighting", OptionSpec.Type.CHOICE)
                        ? options.text("weighting")
                        : "");
    }

    private static boolean declares(PreferenceLoss loss, String name, OptionSpec.Type type) {
        return loss.options().stream().anyMatch(o -> o.name().equals(name) && o.type() == type);
    }

    /** What any of the losses reads. */
    Set<LossInput> inputs() {
        Set<LossInput> inputs = new HashSet<>();
        terms.forEach(term -> inputs.addAll(term.loss().inputs()));
        return inputs;
    }

    /** For the margins in the metrics: of the first loss that has one. */
    double beta() {
        return terms.getFirst().settings().beta();
    }

    /**
     * Whether a row has what the losses read.
     *
     * @throws PlumblineException {@code NEGATIVES_MISSING} or {@code SAMPLING_UNSUITABLE}, naming
     *     the row
     */
    void requireSuitable(PreferenceExample row) {
        for (Term term : terms) {
            boolean reads =
                    term.loss().inputs().stream()
                            .anyMatch(i -> i == LossInput.NEGATIVES || i == LossInput.LOG_WEIGHTS);
            if (reads && row.negatives().isEmpty()) {
                throw unsuitable(
                        row,
                        "NEGATIVES_MISSING",
                        "has no negative_images, which %s needs; choose them with a selector and a pool"
                                .formatted(term.settings().name()));
            }
            boolean proposal =
                    NEED_A_PROPOSAL.contains(term.settings().weighting())
                            || term.loss().inputs().contains(LossInput.LOG_POOL_SIZE);
            if (proposal
                    && (row.mining().sampling().equals("greedy") || row.mining().poolSize() < 1)) {
                throw unsuitable(
                        row,
                        "SAMPLING_UNSUITABLE",
                        "was not sampled from a pool (sampling %s, pool_size %d), which weighting=%s of %s needs"
                                .formatted(
                                        row.mining().sampling(),
                                        row.mining().poolSize(),
                                        term.settings().weighting(),
                                        term.settings().name()));
            }
        }
    }

    private static PlumblineException unsuitable(
            PreferenceExample row, String reason, String what) {
        return new PlumblineException(
                ErrorCode.INVALID_ARGUMENT,
                reason,
                row.place() + " " + what,
                Map.of(
                        "field",
                        "data",
                        "file",
                        row.place().file().toString(),
                        "line",
                        "" + row.place().line()));
    }

    /** The sum for one row, and its derivative; whether they are finite is the run's affair. */
    RowLoss evaluate(RowLogps row) {
        double image = 0;
        double text = 0;
        int negatives = row.policy().negatives().length;
        double[] gradients = new double[2 + negatives];
        for (Term term : terms) {
            LossValue value = term.loss().evaluateAnyway(row);
            if (term.loss().inputs().contains(LossInput.NEGATIVES)) {
                image += term.weight() * value.loss();
            } else {
                text += term.weight() * value.loss();
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
