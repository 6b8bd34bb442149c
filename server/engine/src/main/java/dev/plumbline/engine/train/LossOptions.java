package dev.plumbline.engine.train;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.expr.DeclaredOptions;
import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.PreferenceLoss;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Options of several losses: by {@code loss.name} for one, by {@code name} for all that have it.
 */
final class LossOptions {
    private LossOptions() {}

    /** Those of one loss. */
    static DeclaredOptions of(PreferenceLoss loss, Map<String, String> given) {
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

    /**
     * @throws PlumblineException {@code UNKNOWN_OPTION} where none of the losses has an option
     */
    static void requireKnown(Map<String, String> given, List<PreferenceLoss> losses) {
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
}
