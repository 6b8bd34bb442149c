package dev.plumbline.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.checkpoint.AdapterNaming;
import dev.plumbline.engine.checkpoint.LoraPair;
import dev.plumbline.engine.checkpoint.ModuleChoice;
import dev.plumbline.engine.checkpoint.PeftAdapter;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceRows;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.score.AnswerSequence;
import dev.plumbline.engine.score.Scorer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Adapters that peft made, by {@code make_adapter_fixtures.py}, and the same settings here. */
class PeftAgreementTest {
    private static final Path FIXTURES = Path.of("src/test/resources/adapters");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir static Path cache;

    private static TestRuntime runtime;
    private static LoadedModel model;
    private static JsonNode golden;
    private static List<AnswerSequence> chosen;

    @TempDir Path folder;

    @BeforeAll
    static void load() throws IOException {
        runtime = new TestRuntime();
        golden = JSON.readTree(FIXTURES.resolve("golden.json").toFile());
        model = LoadedModel.load(path("model"), cache, runtime.runtime());
        RowSequences sequences = new RowSequences(model, Set.of());
        List<PreferenceExample> rows = PreferenceRows.read(path("rows_file"));
        chosen =
                rows.stream()
                        .map(row -> sequences.of(row, Cancellation.none()).getFirst())
                        .toList();
    }

    @AfterAll
    static void close() {
        model.close();
        runtime.close();
    }

    private static Path path(String key) {
        return FIXTURES.resolve(golden.get(key).asText());
    }

    static List<String> cases() throws IOException {
        JsonNode adapters = JSON.readTree(FIXTURES.resolve("golden.json").toFile()).get("adapters");
        List<String> names = new ArrayList<>();
        adapters.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void itsLogProbabilitiesArePefts(String name) {
        LoraAdapter adapter = LoraAdapter.read(model, FIXTURES.resolve(name));
        List<List<Double>> found =
                new Scorer(model).tokenLogps(chosen, adapter.tensors(), Cancellation.none());
        JsonNode expected = golden.at("/adapters/" + name + "/token_logps");
        assertThat(found).hasSize(expected.size());
        for (int row = 0; row < found.size(); row++) {
            assertThat(found.get(row)).hasSize(expected.get(row).size());
            for (int token = 0; token < found.get(row).size(); token++) {
                double logp = expected.get(row).get(token).asDouble();
                assertThat(found.get(row).get(token))
                        .as("%s, row %d, token %d", name, row, token)
                        .isCloseTo(logp, within(1e-4 * Math.max(1, Math.abs(logp))));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theSameSettingsChooseAndScaleTheSameLayers(String name) {
        LoraSettings settings = settings(golden.at("/adapters/" + name + "/settings"));
        PeftAdapter fresh = LoraParameters.of(model, settings, 0).adapter();
        fresh.write(folder.resolve(name));
        JsonNode modules = golden.at("/adapters/" + name + "/modules");
        for (PeftAdapter adapter : List.of(fresh, PeftAdapter.read(folder.resolve(name)))) {
            assertThat(adapter.modules()).hasSize(modules.size());
            adapter.modules()
                    .forEach((module, pair) -> {
                        String key = AdapterNaming.allNames(module).getFirst();
                        assertThat(modules.has(key)).as(key).isTrue();
                        assertSame(pair, modules.get(key));
                    });
            assertThat(adapter.config().dropout()).isEqualTo(settings.dropout());
            assertThat(adapter.config().rankStabilized())
                    .isEqualTo(settings.shape().rankStabilized());
        }
    }

    private static void assertSame(LoraPair pair, JsonNode module) {
        assertThat(pair.rank()).isEqualTo(module.get("rank").asInt());
        assertThat(pair.alpha()).isEqualTo(module.get("alpha").asDouble());
        assertThat(pair.scaling()).isCloseTo(module.get("scaling").asDouble(), within(1e-12));
    }

    /** Of peft's own settings. */
    private static LoraSettings settings(JsonNode json) {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        json.path("rank_pattern")
                .properties()
                .forEach(e -> ranks.put(e.getKey(), e.getValue().asInt()));
        Map<String, Double> alphas = new LinkedHashMap<>();
        json.path("alpha_pattern")
                .properties()
                .forEach(e -> alphas.put(e.getKey(), e.getValue().asDouble()));
        return new LoraSettings(
                Optional.empty(),
                new LoraShape(
                        json.get("r").asInt(),
                        json.get("lora_alpha").asDouble(),
                        json.path("use_rslora").asBoolean(),
                        ranks,
                        alphas),
                choice(json.path("target_modules")),
                choice(json.path("exclude_modules")),
                json.path("lora_dropout").asDouble());
    }

    private static ModuleChoice choice(JsonNode json) {
        List<String> names = new ArrayList<>();
        json.forEach(name -> names.add(name.asText()));
        return json.isTextual() ? ModuleChoice.of(json.asText()) : ModuleChoice.of(names);
    }

    private static void refused(
            String field, String reason, String what, ModuleChoice targets, ModuleChoice excluded) {
        var settings = new LoraSettings(Optional.empty(), LoraShape.of(2, 4), targets, excluded, 0);
        refused(field, reason, what, settings);
    }

    private static void refused(String field, String reason, String what, LoraSettings settings) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> LoraModules.of(model, settings))
                .withMessageContaining(what)
                .satisfies(e -> {
                    assertThat(e.reason()).isEqualTo(reason);
                    assertThat(e.field()).contains(field);
                });
    }

    @Test
    void whatMatchesNothingIsNamedBesideWhatThereIs() {
        ModuleChoice some = ModuleChoice.of(List.of("q_proj"));
        ModuleChoice missing = ModuleChoice.of(List.of("q_proj", "query"));
        refused(
                "targets",
                "TARGET_NOT_FOUND",
                "no layer query; it has",
                missing,
                ModuleChoice.NONE);
        refused(
                "targets",
                "TARGET_NOT_FOUND",
                "no layer q_proj; it has [down_proj",
                ModuleChoice.of("q_proj"),
                ModuleChoice.NONE);
        refused(
                "exclude_modules",
                "TARGET_NOT_FOUND",
                "no layer k_proj; it has [q_proj]",
                some,
                ModuleChoice.of(List.of("k_proj")));
        refused("exclude_modules", "TARGET_NOT_FOUND", "leaves no layer", some, some);
        refused(
                "targets",
                "PATTERN_INVALID",
                "'(' is not a regular expression",
                ModuleChoice.of("("),
                ModuleChoice.NONE);
        var shape = new LoraShape(2, 4, false, Map.of("v_proj", 1), Map.of());
        refused(
                "rank_pattern",
                "TARGET_NOT_FOUND",
                "no layer v_proj; it has [q_proj]",
                new LoraSettings(Optional.empty(), shape, some, ModuleChoice.NONE, 0));
    }

    /**
     * In the settings' order: peft sorts them when it writes, and then reads others than it made.
     */
    @Test
    void theFirstPatternThatMatchesHolds() {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        ranks.put("1\\.mlp\\.down_proj", 1);
        ranks.put("down_proj", 3);
        var shape = new LoraShape(2, 4, false, ranks, Map.of("(up|down)_proj", 5.0));
        ModuleChoice targets = ModuleChoice.of(List.of("up_proj", "down_proj"));
        assertThat(
                        LoraModules.of(
                                model,
                                new LoraSettings(
                                        Optional.empty(), shape, targets, ModuleChoice.NONE, 0)))
                .extracting(LoraModules.Module::rank)
                .containsExactly(2, 3, 2, 1);
    }

    @Test
    void allLinearLayersAreThoseOfTheLanguageModelWhereNothingIsSaid() {
        LoraSettings all = new LoraSettings(Optional.empty(), 2, 4, List.of());
        assertThat(LoraModules.of(model, all))
                .hasSize(14)
                .allMatch(m -> m.name().startsWith("language_model."));
    }
}
