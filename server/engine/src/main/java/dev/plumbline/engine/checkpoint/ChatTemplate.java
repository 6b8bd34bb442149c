package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.checkpoint.jinja.JinjaException;
import dev.plumbline.engine.checkpoint.jinja.Template;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How a model's conversations are written down: the Jinja template of a checkpoint, rendered as
 * transformers renders it. May be used by several threads at once.
 */
public final class ChatTemplate {
    private final Template template;
    private final Map<String, String> specialTokens;

    private ChatTemplate(Template template, Map<String, String> specialTokens) {
        this.template = template;
        this.specialTokens = Map.copyOf(specialTokens);
    }

    /**
     * Reads a template's text.
     *
     * @throws PlumblineException FAILED_PRECONDITION with the reason CHAT_TEMPLATE_INVALID or
     *     CHAT_TEMPLATE_UNSUPPORTED; the message names the line
     */
    public static ChatTemplate parse(String source) {
        return parse(source, Map.of());
    }

    private static ChatTemplate parse(String source, Map<String, String> specialTokens) {
        try {
            return new ChatTemplate(
                    Template.parse(source, Clock.system(ZoneId.systemDefault())), specialTokens);
        } catch (JinjaException failure) {
            throw failure(failure);
        }
    }

    /**
     * Reads the template of a Hugging Face folder, where it has one; the folder's special tokens
     * ({@code bos_token} and so on) are defined in it.
     *
     * @throws PlumblineException as {@link #parse}
     */
    public static Optional<ChatTemplate> read(Path folder) {
        return ChatTemplateFiles.source(folder)
                .map(source -> parse(source, TokenizerFiles.special(folder)));
    }

    /**
     * Renders a conversation.
     *
     * @param variables {@code messages}, {@code add_generation_prompt}, {@code tools} and whatever
     *     else the template knows: strings, numbers, booleans, null, lists and maps of them
     * @throws PlumblineException INVALID_ARGUMENT with the reason CHAT_TEMPLATE_REFUSED where the
     *     template itself refuses the conversation, or CHAT_TEMPLATE_FAILED where it meets a value
     *     that it cannot work with; FAILED_PRECONDITION with CHAT_TEMPLATE_UNSUPPORTED
     */
    public String render(Map<String, ?> variables) {
        Map<String, Object> all = new HashMap<>(specialTokens);
        all.putAll(variables);
        try {
            return template.render(all);
        } catch (JinjaException failure) {
            throw failure(failure);
        }
    }

    private static PlumblineException failure(JinjaException failure) {
        String detail = String.valueOf(failure.getMessage());
        String line = Integer.toString(failure.line());
        String message = "line " + line + " of the chat template: " + detail;
        Map<String, String> variables = Map.of("line", line, "detail", detail);
        Map<String, String> ofMessages =
                Map.of("line", line, "detail", detail, "field", "messages");
        PlumblineException exception =
                switch (failure.kind()) {
                    case SYNTAX ->
                            new PlumblineException(
                                    ErrorCode.FAILED_PRECONDITION,
                                    "CHAT_TEMPLATE_INVALID",
                                    message + "; fetch the file again",
                                    variables);
                    case UNSUPPORTED ->
                            new PlumblineException(
                                    ErrorCode.FAILED_PRECONDITION,
                                    "CHAT_TEMPLATE_UNSUPPORTED",
                                    message + "; rewrite this line",
                                    variables);
                    case FAILED ->
                            new PlumblineException(
                                    ErrorCode.INVALID_ARGUMENT,
                                    "CHAT_TEMPLATE_FAILED",
                                    message + "; give messages of the shape that it expects",
                                    ofMessages);
                    case RAISED ->
                            new PlumblineException(
                                    ErrorCode.INVALID_ARGUMENT,
                                    "CHAT_TEMPLATE_REFUSED",
                                    "the chat template refuses the messages: " + detail,
                                    ofMessages);
                };
        return exception.causedBy(failure);
    }
}
