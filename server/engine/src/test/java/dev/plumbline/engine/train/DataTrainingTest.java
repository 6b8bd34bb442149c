package dev.plumbline.engine.train;

import static dev.plumbline.engine.train.TrainingFixture.lora;
import static dev.plumbline.engine.train.TrainingFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.plumbline.engine.data.BadRowPolicy;
import dev.plumbline.engine.data.PreferenceData;
import dev.plumbline.engine.data.PreferenceData.Source;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceRowsParquet;
import dev.plumbline.engine.data.UnusableRow;
import dev.plumbline.engine.runtime.Cancellation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two rows of every format trained on, to the same adapter; hostile rows as the policy has it. */
class DataTrainingTest {
    private static final Path DATA = Path.of("src/test/resources/data").toAbsolutePath();

    @TempDir static Path cache;

    private static TrainingFixture fixture;
    private static byte[] expected;

    @TempDir Path output;

    @BeforeAll
    static void load() throws IOException {
        fixture = new TrainingFixture(cache);
        expected = trained(read("plumbline.jsonl").rows(), cache.resolve("expected"));
    }

    @AfterAll
    static void close() {
        fixture.close();
    }

    private static PreferenceData read(String name) {
        // Only MMPR's paths are relative to the folder of pictures.
        Optional<Path> images =
                Optional.of(DATA.resolve("images")).filter(it -> name.startsWith("mmpr"));
        return PreferenceData.read(
                new Source(DATA.resolve(name), Optional.empty(), images), cache.resolve("data"));
    }

    private static byte[] trained(List<PreferenceExample> rows, Path output) throws IOException {
        TrainingSpec spec = spec("dpo", Map.of(), lora("q_proj"), 3);
        List<StepMetrics> steps =
                fixture.run(spec, rows.subList(0, 2), output, Cancellation.none());
        assertThat(steps).hasSize(2);
        return Files.readAllBytes(output.resolve("adapter_model.safetensors"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rlhf-v.parquet",
                "rlhf-v.json",
                "rlaif-v.parquet",
                "mmpr.jsonl",
                "trl.parquet",
                "trl-text.jsonl",
                "trl-implicit.jsonl",
                "llama-factory.json",
                "llama-factory.parquet",
                "ms-swift.jsonl",
                "ms-swift-messages.jsonl",
            })
    void everyFormatTrainsTheSameAdapter(String name) throws IOException {
        PreferenceData data = read(name).under(BadRowPolicy.STOP);
        assertThat(trained(data.rows(), output)).isEqualTo(expected);
    }

    @Test
    void minedParquetTrainsAsItsRowsDo() throws IOException {
        Path mined = output.resolve("mined.parquet");
        PreferenceRowsParquet.write(mined, fixture.rows);
        PreferenceData data =
                PreferenceData.read(Source.of(mined), cache.resolve("data"))
                        .under(BadRowPolicy.STOP);
        TrainingSpec spec = spec("plackett-luce + 1.0 * dpo");
        List<StepMetrics> steps =
                fixture.run(spec, data.rows(), output.resolve("parquet"), Cancellation.none());
        assertThat(steps)
                .extracting(StepMetrics::loss)
                .containsExactlyElementsOf(
                        fixture.run(spec, output.resolve("lines")).stream()
                                .map(StepMetrics::loss)
                                .toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"hostile.jsonl", "hostile.json", "hostile.parquet"})
    void underSkipTheRestIsTrained(String name) throws IOException {
        PreferenceData data = read(name).under(BadRowPolicy.SKIP);
        assertThat(data.rows()).hasSize(3);
        RowCheck check = RowCheck.of(fixture.model(), data.rows(), Cancellation.none());
        assertThat(check.unusable())
                .extracting(UnusableRow::row, UnusableRow::field, UnusableRow::reason)
                .containsExactly(
                        tuple(
                                Map.of(
                                                "hostile.jsonl", "line 8",
                                                "hostile.json", "row 7",
                                                "hostile.parquet", "row 5")
                                        .get(name),
                                "chosen",
                                "PROMPT_TOO_LONG"));
        assertThat(check.unusable().getFirst().message())
                .containsPattern(
                        "chosen: prompt, pictures and answer take \\d{5,} tokens \\(prompt \\d+, pictures 4, answer \\d{5,}\\), the model's context has 256");
        assertThat(check.usable()).hasSize(2);
        TrainingSpec spec = spec("dpo", Map.of(), lora("q_proj"), 3);
        assertThat(fixture.run(spec, check.usable(), output, Cancellation.none())).hasSize(2);
        assertThat(output.resolve("adapter_model.safetensors")).exists();
    }

    @Test
    void underStopTheLongRowIsTheirPlansProblem() {
        List<PreferenceExample> rows = read("hostile.jsonl").rows();
        Plan plan = fixture.trainer().plan(spec("dpo"), rows);
        assertThat(plan.problems())
                .singleElement()
                .asString()
                .contains("hostile.jsonl line 8: chosen: prompt, pictures and answer take");
    }

    @Test
    void aPictureThatHasGoneSinceIsNamed() throws IOException {
        Path file = output.resolve("rows.jsonl");
        Files.createDirectory(output.resolve("images"));
        for (String name : List.of("red.png", "green.jpg", "blue.png")) {
            Files.copy(DATA.resolve("images").resolve(name), output.resolve("images/" + name));
        }
        Files.copy(DATA.resolve("trl-text.jsonl"), file);
        PreferenceData data = PreferenceData.read(Source.of(file), cache.resolve("data"));
        Files.delete(output.resolve("images/green.jpg"));
        RowCheck check = RowCheck.of(fixture.model(), data.rows(), Cancellation.none());
        assertThat(check.usable()).hasSize(2);
        assertThat(check.unusable())
                .extracting(UnusableRow::row, UnusableRow::field, UnusableRow::reason)
                .containsExactly(tuple("line 2", "image", "IMAGE_NOT_FOUND"));
        assertThat(fixture.trainer().plan(spec("dpo"), data.rows()).problems()).hasSize(1);
    }
}
