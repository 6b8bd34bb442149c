package dev.plumbline.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where a folder keeps its chat template. In transformers' order: {@code processor_config.json},
 * {@code chat_template.json}, {@code chat_template.jinja}, then what the tokenizer alone has.
 */
final class ChatTemplateFiles {
    private ChatTemplateFiles() {}

    static Optional<String> source(Path folder) {
        return key(folder.resolve("processor_config.json"))
                .or(() -> key(folder.resolve("chat_template.json")))
                .or(() -> text(folder.resolve("chat_template.jinja")))
                .or(() -> key(folder.resolve("tokenizer_config.json")));
    }

    private static Optional<String> key(Path file) {
        JsonNode template = TokenizerFiles.parse(file).path("chat_template");
        if (template.isTextual()) {
            return Optional.of(template.textValue());
        }
        // Several by name, as a map or as a list of names and templates.
        JsonNode named = template.path("default");
        for (JsonNode entry : template) {
            if (entry.path("name").asText().equals("default")) {
                named = entry.path("template");
            }
        }
        return Optional.ofNullable(named.textValue());
    }

    private static Optional<String> text(Path file) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Files.readString(file));
        } catch (IOException failure) {
            throw new PlumblineException(
                            ErrorCode.FAILED_PRECONDITION,
                            "CHAT_TEMPLATE_INVALID",
                            file + " cannot be read: " + failure.getMessage(),
                            Map.of("file", file.toString()))
                    .causedBy(failure);
        }
    }
}
