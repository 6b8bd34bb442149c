package dev.plumbline.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/** Which of a model's layers an adapter's configuration says that it changes. */
public final class PeftTargets {
    /** Settings that take some of {@code target_modules} away again. */
    private static final List<String> EXCEPTIONS =
            List.of("exclude_modules", "layers_to_transform", "layers_pattern");

    private static final String LANGUAGE_MODEL = "language_model.model.layers.";

    private PeftTargets() {}

    /**
     * The layers of the language model that the adapter ought to have tensors for; none where its
     * configuration does not tell them one by one.
     *
     * @param folder of the adapter
     * @param modules canonical names of a model's layers
     */
    public static List<String> of(Path folder, PeftAdapter adapter, Collection<String> modules) {
        Path file = folder.resolve(PeftAdapter.CONFIG);
        JsonNode json = Json.readObject(file);
        boolean exceptions = EXCEPTIONS.stream().anyMatch(json::hasNonNull);
        if (exceptions || !isTold(json.path("target_modules"))) {
            return List.of();
        }
        Predicate<String> targets = PeftConfig.read(file).targets();
        return modules.stream()
                .filter(module -> module.startsWith(LANGUAGE_MODEL))
                .filter(module -> targets.test(adapter.naming().moduleName(module)))
                .toList();
    }

    private static boolean isTold(JsonNode targets) {
        boolean all = targets.asText("").equals("all-linear");
        return !all && (targets.isTextual() || targets.isArray());
    }
}
