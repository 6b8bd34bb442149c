package dev.plumbline.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTemplateTest {
    @TempDir Path folder;

    @Test
    void looksInTheFilesInTransformersOrder() throws IOException {
        assertThat(ChatTemplate.read(folder)).isEmpty();
        write("tokenizer_config.json", "{\"chat_template\": \"tokenizer\"}");
        assertRead("tokenizer");
        write("chat_template.jinja", "jinja\n");
        assertRead("jinja");
        write("chat_template.json", "{\"chat_template\": \"json\"}");
        assertRead("json");
        write("processor_config.json", "{\"image_processor\": {}}");
        assertRead("json");
        write("processor_config.json", "{\"chat_template\": \"processor\"}");
        assertRead("processor");
    }

    @Test
    void takesTheDefaultOfSeveral() throws IOException {
        write("tokenizer_config.json", "{\"chat_template\": {\"rag\": \"a\", \"default\": \"b\"}}");
        assertRead("b");
        write(
                "tokenizer_config.json",
                "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"a\"},"
                        + " {\"name\": \"default\", \"template\": \"c\"}]}");
        assertRead("c");
    }

    @Test
    void knowsTheSpecialTokens() throws IOException {
        write(
                "tokenizer_config.json",
                "{\"bos_token\": \"<s>\", \"eos_token\": {\"content\": \"</s>\"},"
                        + " \"chat_template\": \"{{ bos_token }}{{ eos_token }}{{ pad_token }}\"}");
        assertRead("<s></s>");
        assertThat(ChatTemplate.read(folder).orElseThrow().render(Map.of("bos_token", "B")))
                .isEqualTo("B</s>");
    }

    @Test
    void eachFailureHasItsReason() {
        ErrorCode precondition = ErrorCode.FAILED_PRECONDITION;
        refused("CHAT_TEMPLATE_INVALID", precondition, () -> ChatTemplate.parse("{% if %}"));
        refused("CHAT_TEMPLATE_UNSUPPORTED", precondition, () -> render("{{ 1 | urlize }}"));
        refused("CHAT_TEMPLATE_FAILED", ErrorCode.INVALID_ARGUMENT, () -> render("{{ a.b }}"));
        refused(
                "CHAT_TEMPLATE_REFUSED",
                ErrorCode.INVALID_ARGUMENT,
                () -> render("{{ raise_exception('roles must alternate') }}"));
    }

    @Test
    void rendersTheDemoConversation() {
        ChatTemplate template =
                ChatTemplate.parse(
                        "{% for message in messages %}{{ message['role'].upper() + ': ' }}"
                                + "{% for content in message['content'] %}{{ content['text'] }} "
                                + "{% endfor %}{% endfor %}"
                                + "{% if add_generation_prompt %}ASSISTANT:{% endif %}");
        Map<String, Object> message =
                Map.of("role", "user", "content", List.of(Map.of("text", "Is there a dog?")));
        assertThat(
                        template.render(
                                Map.of(
                                        "messages",
                                        List.of(message),
                                        "add_generation_prompt",
                                        true)))
                .isEqualTo("USER: Is there a dog? ASSISTANT:");
    }

    private static void render(String source) {
        ChatTemplate.parse(source).render(Map.of());
    }

    private void assertRead(String expected) {
        assertThat(ChatTemplate.read(folder).orElseThrow().render(Map.of())).isEqualTo(expected);
    }

    private static void refused(String reason, ErrorCode code, ThrowingCallable call) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(call)
                .satisfies(failure -> {
                    assertThat(failure.reason()).isEqualTo(reason);
                    assertThat(failure.code()).isEqualTo(code);
                });
    }

    private void write(String file, String content) throws IOException {
        Files.writeString(folder.resolve(file), content);
    }
}
