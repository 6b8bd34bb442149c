package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.checkpoint.MergedFolder;
import dev.plumbline.engine.checkpoint.PeftAdapter;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.Golden.Row;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.score.Scorer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Merged checkpoints against transformers, which loaded the very same bytes ({@code
 * judge_merged.py}), and in fp32 against peft with the adapter beside.
 */
class MergedFolderTest {
    private static final Path RESOURCES = Path.of("src/test/resources");
    private static final Path JUDGED = RESOURCES.resolve("merged.json");

    @TempDir Path folder;

    static Stream<String> cases() {
        return Stream.concat(
                Golden.CASES.stream().map(name -> "llava/" + name),
                QwenParityTest.CASES.stream().map(name -> "qwen/" + name));
    }

    private static Path merge(String name, Path out) {
        Path fixture = RESOURCES.resolve(name);
        PeftAdapter adapter = PeftAdapter.read(fixture.resolve("adapter"));
        MergedFolder.write(fixture.resolve("model"), adapter, out, () -> {});
        return out;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void transformersLoadsIt(String name) throws IOException, NoSuchAlgorithmException {
        String kept = System.getProperty("merged.out", "");
        Path merged = merge(name, kept.isEmpty() ? folder.resolve("m") : Path.of(kept, name));
        if (!kept.isEmpty()) {
            return; // For the judge, which has not spoken yet.
        }
        assertThat(names(merged)).isEqualTo(names(RESOURCES.resolve(name).resolve("model")));
        JsonNode judged = new ObjectMapper().readTree(JUDGED.toFile()).get(name);
        for (var file : judged.get("files").properties()) {
            assertThat(sha256(merged.resolve(file.getKey())))
                    .as(file.getKey())
                    .isEqualTo(file.getValue().asText());
        }
        Golden golden = Golden.read(RESOURCES, name);
        List<Row> rows =
                golden.rows().stream()
                        .filter(row -> !row.hasSystem() && row.images().size() < 2)
                        .toList();
        assertThat(rows).hasSize(judged.get("token_logps").size());
        try (TestRuntime runtime = new TestRuntime();
                LoadedModel model =
                        LoadedModel.load(merged, folder.resolve("cache"), runtime.runtime())) {
            for (int i = 0; i < rows.size(); i++) {
                List<Double> found = score(model, rows.get(i));
                assertClose(found, Golden.numbers(judged.get("token_logps").get(i)), name);
                if (name.contains("-f32")) {
                    assertClose(found, rows.get(i).said(true).tokenLogprobs(), name + ", peft");
                }
            }
        }
    }

    private static List<Double> score(LoadedModel model, Row row) {
        return new Scorer(model)
                .score(
                        row.question(),
                        row.answer(),
                        row.pictures(),
                        Optional.empty(),
                        Cancellation.none())
                .getFirst()
                .tokenLogprobs();
    }

    private static void assertClose(List<Double> found, List<Double> expected, String what) {
        assertThat(found).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < found.size(); i++) {
            double logp = expected.get(i);
            assertThat(found.get(i))
                    .as("%s, token %d", what, i)
                    .isCloseTo(logp, within(1e-4 * Math.max(1, Math.abs(logp))));
        }
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static String sha256(Path file) throws IOException, NoSuchAlgorithmException {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        return HexFormat.of().formatHex(digest);
    }

    @Test
    void whatCannotBeMergedLeavesNothing() throws IOException {
        Path model = RESOURCES.resolve("llava/grouped-tied-f32/model");
        PeftAdapter other = PeftAdapter.read(RESOURCES.resolve("llava/full-tied-f32-new/adapter"));
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> MergedFolder.write(model, other, folder.resolve("m"), () -> {}))
                .satisfies(e -> assertThat(e.reason()).isEqualTo("ADAPTER_MISMATCH"));
        assertThat(names(folder)).isEmpty();
        PeftAdapter own = PeftAdapter.read(RESOURCES.resolve("llava/grouped-tied-f32/adapter"));
        Files.writeString(folder.resolve("mine"), "precious");
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> MergedFolder.write(model, own, folder, () -> {}))
                .satisfies(e -> assertThat(e.reason()).isEqualTo("FOLDER_NOT_EMPTY"));
        int[] calls = {0};
        Runnable ends =
                () -> {
                    if (++calls[0] == 20) {
                        throw new IllegalStateException("cancelled");
                    }
                };
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> MergedFolder.write(model, own, folder.resolve("m"), ends));
        assertThat(names(folder)).containsExactly("mine");
    }
}
