package dev.plumbline.engine.checkpoint;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** How the keys of an adapter name the modules of the language model. */
public enum AdapterNaming {
    /** {@code language_model.model.layers…}, LLaVA's before transformers 4.52. */
    TRANSFORMERS_4("language_model.model.layers."),
    /** {@code model.language_model.layers…}, of every family since then. */
    TRANSFORMERS_5("model.language_model.layers."),
    /** {@code model.layers…}, Qwen2.5-VL's before transformers 4.52. */
    TEXT_AT_ROOT("model.layers.");

    private static final String CANONICAL = TRANSFORMERS_4.prefix;

    private final String prefix;

    AdapterNaming(String prefix) {
        this.prefix = prefix;
    }

    /** A module's name in this style. */
    String moduleName(String canonical) {
        if (!canonical.startsWith(CANONICAL)) {
            throw new IllegalArgumentException(canonical + " is not in the language model");
        }
        return prefix + canonical.substring(CANONICAL.length());
    }

    /** All names that a module has had, the canonical one among them; the newest first. */
    public static List<String> allNames(String canonical) {
        if (!canonical.startsWith(CANONICAL)) {
            return List.of(canonical);
        }
        return Stream.of(TRANSFORMERS_5, TRANSFORMERS_4, TEXT_AT_ROOT)
                .map(naming -> naming.moduleName(canonical))
                .toList();
    }

    /** The style of a name; empty for a module that is not in the language model. */
    static Optional<AdapterNaming> of(String moduleName) {
        for (AdapterNaming naming : values()) {
            if (moduleName.startsWith(naming.prefix)) {
                return Optional.of(naming);
            }
        }
        return Optional.empty();
    }
}
