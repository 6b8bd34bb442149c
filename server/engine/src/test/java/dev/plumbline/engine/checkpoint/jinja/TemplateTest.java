package dev.plumbline.engine.checkpoint.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Clock CLOCK =
            Clock.fixed(Instant.parse("2026-07-04T15:06:07Z"), ZoneOffset.UTC);

    private static final JsonNode FIXTURES = fixtures();

    private static JsonNode fixtures() {
        try {
            return JSON.readTree(Path.of("src/test/resources/template/cases.json").toFile());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static Stream<JsonNode> cases() {
        return StreamSupport.stream(FIXTURES.path("cases").spliterator(), false);
    }

    /** The judge is transformers; see {@code src/test/python/make_template_fixtures.py}. */
    @ParameterizedTest
    @MethodSource("cases")
    void rendersAsTransformersDoes(JsonNode expected) {
        String template = expected.path("template").asText();
        Map<String, Object> variables =
                JSON.convertValue(
                        FIXTURES.path("variables").path(expected.path("variables").asInt()),
                        new TypeReference<>() {});
        if (expected.has("text")) {
            assertThat(render(template, variables)).isEqualTo(expected.path("text").asText());
            return;
        }
        assertThatExceptionOfType(JinjaException.class)
                .isThrownBy(() -> render(template, variables))
                .satisfies(failure -> {
                    assertThat(failure.kind())
                            .isIn(
                                    JinjaException.Kind.valueOf(expected.path("error").asText()),
                                    JinjaException.Kind.UNSUPPORTED);
                    assertThat(failure.line()).isPositive();
                    if (expected.path("error").asText().equals("RAISED")) {
                        assertThat(failure).hasMessage(expected.path("message").asText());
                    }
                });
    }

    @Test
    void tellsTheTime() {
        String template =
                "{{ strftime_now('%Y-%m-%d %H:%M:%S|%d %B %y|%a %b %e|%-d %-I%p|%j|%A|%%') }}";
        assertThat(render(template, Map.of()))
                .isEqualTo("2026-07-04 15:06:07|04 July 26|Sat Jul  4|4 3PM|185|Saturday|%");
    }

    @Test
    void namesTheLineAndTheConstruct() {
        assertFails("a\nb\n{% if x %}\n{% elsif y %}\n{% endif %}", 4, "elsif");
        assertFails("a\n{{ x }}\n\n{{ y.z }}", 4, "'y' is undefined");
        assertFails("a\n{% for x in [1] %}\n  {{ x | frobnicate }}\n{% endfor %}", 3, "frobnicate");
        assertFails("{# one\ntwo #}\n{% include 'x' %}", 3, "include");
        assertFails("{% macro f() %}\n{{ 1 + 'a' }}\n{% endmacro %}\n{{ f() }}", 2, "'+'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{% for a in range(99999) %}{% for b in range(99999) %}{{ 1 }}{% endfor %}{% endfor %}",
                "{{ 'x' * 999999999 }}",
                "{{ 10 ** 99 }}"
            })
    void stopsWhatWouldNotEnd(String template) {
        assertThatExceptionOfType(JinjaException.class)
                .isThrownBy(() -> render(template, Map.of()))
                .satisfies(failure ->
                        assertThat(failure.kind()).isEqualTo(JinjaException.Kind.FAILED));
    }

    @Test
    void survivesDeepNesting() {
        String deep = "{{ " + "(".repeat(100_000) + "1" + ")".repeat(100_000) + " }}";
        assertThatExceptionOfType(JinjaException.class)
                .isThrownBy(() -> render(deep, Map.of()))
                .withMessageContaining("nested too deeply");
    }

    @Test
    void changesNothingItIsGiven() {
        List<Object> messages = List.of(Map.of("role", "user"));
        assertThat(
                        render(
                                "{% set messages = messages + [1] %}{{ messages | length }}",
                                Map.of("messages", messages)))
                .isEqualTo("2");
        assertThat(messages).hasSize(1);
    }

    private static void assertFails(String template, int line, String message) {
        assertThatExceptionOfType(JinjaException.class)
                .isThrownBy(() -> render(template, Map.of()))
                .withMessageContaining(message)
                .satisfies(failure -> assertThat(failure.line()).isEqualTo(line));
    }

    private static String render(String template, Map<String, Object> variables) {
        return Template.parse(template, CLOCK).render(variables);
    }
}
