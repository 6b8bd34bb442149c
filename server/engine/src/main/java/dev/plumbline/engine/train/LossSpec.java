package dev.plumbline.engine.train;

import dev.plumbline.engine.error.PlumblineException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A weighted sum of losses by name.
 *
 * @param options values by {@code loss.name} for one loss, by {@code name} for all that have it
 */
public record LossSpec(List<Term> terms, Map<String, String> options) {
    private static final Pattern TERM =
            Pattern.compile(
                    "\\s*(?:(\\d+(?:\\.\\d*)?(?:[eE]-?\\d+)?)\\s*\\*\\s*)?([a-z][a-z0-9-]*)\\s*");

    public LossSpec {
        terms = List.copyOf(terms);
        options = Map.copyOf(options);
    }

    /** The sum as {@link #parse} reads it. */
    String text() {
        return terms.stream()
                .map(term -> term.weight() + " * " + term.loss())
                .collect(Collectors.joining(" + "));
    }

    /** One loss and its weight. */
    public record Term(double weight, String loss) {}

    /**
     * Reads {@code plackett-luce + 1.0 * dpo}.
     *
     * @throws PlumblineException {@code LOSS_NOT_READABLE}, naming the piece
     */
    public static LossSpec parse(String text, Map<String, String> options) {
        List<Term> terms = new ArrayList<>();
        for (String piece : text.split("\\+", -1)) {
            Matcher matcher = TERM.matcher(piece);
            double weight =
                    !matcher.matches()
                            ? Double.NaN
                            : matcher.group(1) == null ? 1 : Double.parseDouble(matcher.group(1));
            if (!Double.isFinite(weight)) {
                throw PlumblineException.invalid(
                        "loss",
                        "LOSS_NOT_READABLE",
                        "loss: '%s' is not readable; write for example plackett-luce + 1.0 * dpo"
                                .formatted(piece.strip()));
            }
            terms.add(new Term(weight, matcher.group(2)));
        }
        return new LossSpec(terms, options);
    }
}
