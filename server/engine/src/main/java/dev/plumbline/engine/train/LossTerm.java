package dev.plumbline.engine.train;

import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.expr.CompiledLoss;
import dev.plumbline.engine.expr.DeclaredOptions;
import dev.plumbline.engine.expr.LossInput;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.PreferenceLoss;
import java.util.Map;
import java.util.Set;

/**
 * One compiled loss of a sum.
 *
 * @param beta for metrics: the plugin's option of that name, else a usual one
 * @param weighting for checks: the plugin's option of that name, empty where it has none
 */
record LossTerm(double weight, String name, CompiledLoss loss, double beta, String weighting) {
    private static final double DEFAULT_BETA = 0.5;
    private static final Set<String> NEED_A_PROPOSAL = Set.of("raw", "pool", "printed");

    static LossTerm compile(
            double weight, PreferenceLoss loss, DeclaredOptions options, Runtime runtime) {
        return new LossTerm(
                weight,
                loss.name(),
                CompiledLoss.of(loss, options, runtime),
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

    boolean reads(LossInput input) {
        return loss.inputs().contains(input);
    }

    /**
     * Whether a row has what the loss reads.
     *
     * @throws PlumblineException {@code NEGATIVES_MISSING} or {@code SAMPLING_UNSUITABLE}, naming
     *     the row
     */
    void requireSuitable(PreferenceExample row) {
        boolean ofNegatives = loss.inputs().stream().anyMatch(LossInput::isOfNegatives);
        if (ofNegatives && row.negatives().isEmpty()) {
            throw unsuitable(
                    row,
                    "NEGATIVES_MISSING",
                    "has no negative_images, which %s needs; choose them with a selector and a pool"
                            .formatted(name));
        }
        boolean proposal = NEED_A_PROPOSAL.contains(weighting) || reads(LossInput.LOG_POOL_SIZE);
        boolean drawn = !row.mining().sampling().equals("greedy") && row.mining().poolSize() > 0;
        if (proposal && !drawn) {
            throw unsuitable(
                    row,
                    "SAMPLING_UNSUITABLE",
                    "was not sampled from a pool (sampling %s, pool_size %d), which weighting=%s of %s needs"
                            .formatted(
                                    row.mining().sampling(),
                                    row.mining().poolSize(),
                                    weighting,
                                    name));
        }
        boolean known =
                row.negatives().stream()
                        .mapToDouble(NegativeImage::logQ)
                        .allMatch(Double::isFinite);
        if (reads(LossInput.LOG_PROPOSALS) && !known) {
            throw unsuitable(
                    row,
                    "SAMPLING_UNSUITABLE",
                    "does not say log_q of each of its negative_images, which %s reads; mine it with sampling=with_replacement or without_replacement"
                            .formatted(name));
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
}
