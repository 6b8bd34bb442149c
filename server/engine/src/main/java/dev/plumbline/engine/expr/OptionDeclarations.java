package dev.plumbline.engine.expr;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.spi.OptionSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Whether a plugin declares its options well: each has a name of its own and takes its default. */
public final class OptionDeclarations {
    private OptionDeclarations() {}

    /** What is wrong with the first that is declared badly. */
    public static Optional<String> problem(List<OptionSpec> declared) {
        Set<String> names = new HashSet<>();
        for (OptionSpec spec : declared) {
            if (spec == null) {
                return Optional.of("one of them is null");
            }
            if (!names.add(spec.name())) {
                return Optional.of("%s is declared twice".formatted(spec.name()));
            }
            Optional<String> problem = problem(spec);
            if (problem.isPresent()) {
                return problem;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> problem(OptionSpec spec) {
        if (spec.type() == null || spec.defaultValue() == null || spec.help() == null) {
            return Optional.of("%s has no type, no default or no help".formatted(spec.name()));
        }
        if (spec.type() == OptionSpec.Type.CHOICE && spec.choices().isEmpty()) {
            return Optional.of("%s is a choice without choices".formatted(spec.name()));
        }
        // Written so that NaN fails.
        if (!(spec.minimum() <= spec.maximum())) {
            return Optional.of(
                    "%s has the minimum %s above the maximum %s"
                            .formatted(spec.name(), spec.minimum(), spec.maximum()));
        }
        try {
            var _ =
                    DeclaredOptions.of(
                            "its plugin", List.of(spec), Map.of(spec.name(), spec.defaultValue()));
            return Optional.empty();
        } catch (PlumblineException e) {
            return Optional.of("the default is refused, " + Objects.requireNonNull(e.getMessage()));
        }
    }
}
