package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.error.PlumblineException;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Which modules are meant, as peft's {@code target_modules} and {@code exclude_modules} say it: by
 * the ends of their names, from a dot on, or by one regular expression that matches whole names.
 *
 * @param names such as {@code q_proj} or {@code layers.3.self_attn.q_proj}
 * @param pattern empty where there are names
 */
public record ModuleChoice(List<String> names, String pattern) {
    /** The name that stands for all linear layers. */
    public static final String ALL_LINEAR = "all-linear";

    /** No module. */
    public static final ModuleChoice NONE = new ModuleChoice(List.of(), "");

    public ModuleChoice {
        names = List.copyOf(names);
        if (!names.isEmpty() && !pattern.isEmpty()) {
            throw new IllegalArgumentException(
                    "both names and a pattern: " + names + ", " + pattern);
        }
    }

    public static ModuleChoice of(List<String> names) {
        return new ModuleChoice(names, "");
    }

    /** By a regular expression. */
    public static ModuleChoice of(String pattern) {
        return new ModuleChoice(List.of(), pattern);
    }

    public boolean isEmpty() {
        return names.isEmpty() && pattern.isEmpty();
    }

    /**
     * As peft's {@code check_target_module_exists}, on one of the names that a module has.
     *
     * @param fault makes an error of what is wrong with the expression
     */
    public Predicate<String> compiled(Function<String, PlumblineException> fault) {
        if (!pattern.isEmpty()) {
            return ModulePattern.compile(pattern, fault)::matches;
        }
        return module -> names.stream().anyMatch(name -> endsWith(module, name));
    }

    /** Of a pattern of ranks or alphas, which matches the end of a name, from a dot on. */
    public static Predicate<String> ending(
            String expression, Function<String, PlumblineException> fault) {
        return ModulePattern.suffix(expression, fault)::matches;
    }

    private static boolean endsWith(String module, String name) {
        return module.equals(name) || module.endsWith("." + name);
    }
}
