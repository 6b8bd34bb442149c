package dev.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Negatives and named rows by the command line, in the shapes that scripts rely on. */
class MinePreviewEndToEndTest extends PackagedServer {
    private static final String POOL = DEMO.resolve("data/pool").toString();
    private static final String CLIP = DEMO.resolve("clip").toString();
    private static final String IMAGE = DEMO.resolve("data/images/0000.jpg").toString();
    private static final Path ROWS = DEMO.resolve("data/preferences.jsonl");

    /** The first rows of the demo, which find their pictures beside them. */
    private Path rows(int count) throws IOException {
        Path images = directory.resolve("images");
        if (!Files.exists(images)) {
            Files.createSymbolicLink(images, DEMO.resolve("data/images").toAbsolutePath());
        }
        return Files.write(
                directory.resolve(count + "-rows.jsonl"),
                Files.readAllLines(ROWS).subList(0, count));
    }

    private static String[] with(List<String> some, String... more) {
        var all = new ArrayList<>(some);
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private static List<String> preview(String selector) {
        return List.of(
                "preview",
                "--pool",
                POOL,
                "--selector",
                selector,
                "-k",
                "2",
                "--image",
                IMAGE,
                "--prompt",
                "Describe the image.",
                "--answer",
                "There is a ball.");
    }

    @Test
    void aPreviewListsItsNegatives() throws IOException {
        JsonNode bare = json(with(preview("random")));
        assertThat(bare.get("negatives")).hasSize(2);
        for (JsonNode negative : bare.get("negatives")) {
            assertThat(negative.fieldNames())
                    .toIterable()
                    .containsExactlyInAnyOrder(
                            "image",
                            "score",
                            "log_q",
                            "log_weight",
                            "selector",
                            "false_negative_risk",
                            "latents");
            assertThat(Path.of(negative.get("image").asText())).isRegularFile();
            assertThat(negative.get("selector").asText()).isEqualTo("random");
            assertThat(negative.get("log_q").isNumber()).isTrue();
            assertThat(negative.get("false_negative_risk").isNull()).isTrue();
            assertThat(negative.get("latents").isArray()).isTrue();
        }
        JsonNode judged = json(with(preview("similarity"), "--clip", CLIP));
        assertThat(judged.get("negatives"))
                .hasSize(2)
                .allSatisfy(it -> assertThat(it.get("false_negative_risk").isNumber()).isTrue());
        var shown = run(with(preview("random")));
        assertThat(shown.code()).as(shown.err()).isZero();
        assertThat(shown.out()).contains("image", "score", "risk", "latents");
    }

    @Test
    void aMiningLeavesRowsAndAPage() throws IOException {
        List<String> mine =
                List.of("mine", "--data", rows(4).toString(), "--pool", POOL, "--selector");
        for (String name : List.of("mined.jsonl", "table.parquet")) {
            JsonNode mined = json(with(mine, "random", "-k", "2", "--seed", "5", "--out", name));
            assertThat(mined.fieldNames())
                    .toIterable()
                    .containsExactlyInAnyOrder("rows", "out", "report", "artefact");
            assertThat(mined.get("rows").asInt()).isEqualTo(4);
            assertThat(Path.of(mined.get("out").asText())).isRegularFile().hasFileName(name);
            assertThat(mined.get("artefact").isNull()).isTrue();
            assertThat(Path.of(mined.get("report").asText()))
                    .content()
                    .contains("Does the picture show a bat?");
        }
        assertThat(Files.readAllLines(directory.resolve("mined.jsonl")))
                .hasSize(4)
                .allSatisfy(line ->
                        assertThat(mapper.readTree(line).get("negative_images")).hasSize(2));
    }

    @Test
    void namedRowsAreListedMinedAndForgotten() throws IOException {
        Path rows = rows(3);
        JsonNode made = json("datasets", "create", "demo", rows.toString());
        assertThat(made.get("name").asText()).isEqualTo("datasets/demo");
        assertThat(made.get("rows").asInt()).isEqualTo(3);
        assertThat(json("datasets", "list").get("datasets").findValuesAsText("name"))
                .containsExactly("datasets/demo");
        assertThat(json("datasets", "get", "demo").get("path").asText()).isEqualTo(rows.toString());
        assertThat(run("datasets", "list").out()).contains("datasets/demo");
        JsonNode mined =
                json(
                        "mine",
                        "--data",
                        "datasets/demo",
                        "--pool",
                        POOL,
                        "--selector",
                        "random",
                        "--out",
                        "named.jsonl");
        assertThat(mined.get("rows").asInt()).isEqualTo(3);
        json("datasets", "delete", "demo");
        assertThat(json("datasets", "list").path("datasets")).isEmpty();
        assertThat(rows).exists();
    }

    @Test
    void whatCannotBeDoneIsRefusedByName() throws IOException {
        assertThat(error(with(preview("none"))).get("reason").asText())
                .isEqualTo("SELECTOR_NOT_FOUND");
        JsonNode option = error(with(preview("random"), "--option", "luck=1"));
        assertThat(option.get("reason").asText()).isEqualTo("UNKNOWN_OPTION");
        JsonNode output =
                error(
                        "mine",
                        "--data",
                        rows(2).toString(),
                        "--pool",
                        POOL,
                        "--selector",
                        "random",
                        "--out",
                        "mined.txt");
        assertThat(output.get("reason").asText()).isEqualTo("OUTPUT_UNSUITABLE");
        assertThat(directory.resolve("mined.txt")).doesNotExist();
        assertThat(error("datasets", "get", "none").get("reason").asText())
                .isEqualTo("DATASET_NOT_FOUND");
        assertThat(error("datasets", "create", "x", "none.jsonl").get("reason").asText())
                .isEqualTo("DATA_NOT_FOUND");
    }
}
