package dev.plumbline.engine.expr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.TestRuntime;
import dev.plumbline.plugins.chip.ChipLoss;
import dev.plumbline.plugins.dpo.DpoLoss;
import dev.plumbline.plugins.mdpo.MdpoLoss;
import dev.plumbline.plugins.plackettluce.PlackettLuceLoss;
import dev.plumbline.spi.PreferenceLoss;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every shipped loss, against forms in torch (resources/losses). */
class LossParityTest {
    private static final Path FIXTURE = Path.of("src/test/resources/losses/losses.json");
    private static final Map<String, PreferenceLoss> LOSSES =
            Map.of(
                    "dpo", new DpoLoss(),
                    "plackett-luce", new PlackettLuceLoss(),
                    "mdpo", new MdpoLoss(),
                    "chip", new ChipLoss());
    private static final Map<LossInput, String> NAMES =
            Map.of(
                    LossInput.CHOSEN, "chosen",
                    LossInput.REJECTED, "rejected",
                    LossInput.NEGATIVES, "negatives",
                    LossInput.CHOSEN_TOKENS, "chosen_tokens",
                    LossInput.CHOSEN_KL, "chosen_kl",
                    LossInput.REJECTED_TOKENS, "rejected_tokens",
                    LossInput.REJECTED_KL, "rejected_kl");

    private static TestRuntime runtime;
    private static List<RowLogps> rows;

    @BeforeAll
    static void open() throws IOException {
        runtime = new TestRuntime();
        rows = list(golden().get("rows")).map(LossParityTest::row).toList();
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    static Stream<JsonNode> cases() throws IOException {
        return list(golden().get("cases"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void valueAndGradientAreTorchs(JsonNode golden) {
        try (CompiledLoss loss = compile(golden)) {
            for (int i = 0; i < rows.size(); i++) {
                JsonNode expected = golden.at("/rows/" + i);
                LossValue value = loss.evaluate(rows.get(i));
                double wanted = expected.get("loss").asDouble();
                assertThat(value.loss()).isCloseTo(wanted, within(1e-4 * wanted));
                NAMES.forEach((input, name) ->
                        assertGradient(value, input, expected.at("/gradients/" + name)));
            }
        }
    }

    /** Relative to the largest derivative of its kind. */
    private static void assertGradient(LossValue value, LossInput input, JsonNode expected) {
        double[] theirs = list(expected).mapToDouble(JsonNode::asDouble).toArray();
        float[] ours = value.gradients().getOrDefault(input, new float[theirs.length]);
        double largest = 0;
        for (double one : theirs) {
            largest = Math.max(largest, Math.abs(one));
        }
        for (int i = 0; i < ours.length; i++) {
            double wanted = theirs.length == 0 ? 0 : theirs[i];
            assertThat((double) ours[i])
                    .as("%s[%d]", input, i)
                    .isCloseTo(wanted, within(1e-3 * largest));
        }
    }

    /** Without a token level there is no KL to compute, without segments no token to read. */
    @Test
    void chipReadsNoMoreThanItsWeightsAskFor() {
        assertThat(chip("0.1", "0")).contains(LossInput.CHOSEN_KL, LossInput.REJECTED_KL);
        assertThat(chip("0", "3")).contains(LossInput.CHOSEN_TOKENS).noneMatch(LossInput::isKl);
        assertThat(chip("0", "0")).noneMatch(LossInput::isOfTokens);
    }

    private static Set<LossInput> chip(String tokenWeight, String segmentWeight) {
        Map<String, String> options =
                Map.of("token_weight", tokenWeight, "segment_weight", segmentWeight);
        try (CompiledLoss loss = compile("chip", options)) {
            return loss.inputs();
        }
    }

    private static CompiledLoss compile(JsonNode golden) {
        Map<String, String> options = new HashMap<>();
        golden.get("options")
                .properties()
                .forEach(o -> options.put(o.getKey(), o.getValue().asText()));
        return compile(golden.get("loss").asText(), options);
    }

    private static CompiledLoss compile(String name, Map<String, String> options) {
        PreferenceLoss loss = Objects.requireNonNull(LOSSES.get(name), name);
        return CompiledLoss.of(
                loss, DeclaredOptions.of(name, loss.options(), options), runtime.runtime());
    }

    private static RowLogps row(JsonNode row) {
        return new RowLogps(
                answers(row, ""),
                answers(row, "ref_"),
                new RowLogps.Proposal(
                        numbers(row, "log_weights"),
                        numbers(row, "log_proposals"),
                        row.get("log_pool_size").asDouble()),
                tokens(row, "chosen"),
                tokens(row, "rejected"));
    }

    private static RowLogps.Answers answers(JsonNode row, String prefix) {
        return new RowLogps.Answers(
                row.get(prefix + "chosen").asDouble(),
                row.get(prefix + "rejected").asDouble(),
                numbers(row, prefix + "negatives"));
    }

    private static RowLogps.Tokens tokens(JsonNode row, String answer) {
        return new RowLogps.Tokens(
                numbers(row, answer + "_tokens"),
                numbers(row, "ref_" + answer + "_tokens"),
                numbers(row, answer + "_kl"),
                numbers(row, answer + "_changed"));
    }

    private static double[] numbers(JsonNode row, String name) {
        return list(row.get(name)).mapToDouble(JsonNode::asDouble).toArray();
    }

    private static Stream<JsonNode> list(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private static JsonNode golden() throws IOException {
        return new ObjectMapper().readTree(FIXTURE.toFile());
    }
}
