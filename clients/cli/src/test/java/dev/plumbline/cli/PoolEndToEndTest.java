package dev.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Pools by the command line, against the packaged server with the demo's CLIP model. */
class PoolEndToEndTest extends PackagedServer {
    private static final String CLIP = DEMO.resolve("clip").toString();

    private JsonNode create(Path images, String... more) throws IOException {
        return json(arguments(images, more));
    }

    private static String[] arguments(Path images, String... more) {
        var all = new ArrayList<>(List.of("pool", "create", "--clip", CLIP, "--name", "some"));
        all.addAll(List.of("--images", images.toString()));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    @Test
    void aPoolIsMadeGrowsIsListedAndDeleted() throws IOException {
        Path images = Files.createDirectory(directory.resolve("images"));
        List<Path> pictures;
        try (Stream<Path> all = Files.list(DEMO.resolve("data/pool"))) {
            pictures = all.sorted().limit(6).toList();
        }
        for (Path picture : pictures.subList(0, 5)) {
            Files.copy(picture, images.resolve(picture.getFileName()));
        }
        Files.writeString(images.resolve("broken.jpg"), "no picture");
        Files.copy(pictures.get(5), images.resolve("COCO_val2014_000000391895.jpg"));
        Files.writeString(directory.resolve("exclude.txt"), "391895\n");
        JsonNode made = create(images, "--exclude-file", "exclude.txt");
        assertThat(made.get("pool").asText()).isEqualTo("pools/some");
        assertThat(made.get("images").asInt()).isEqualTo(5);
        assertThat(made.get("excluded_count").asInt()).isEqualTo(1);
        assertThat(made.get("skipped")).hasSize(1);
        assertThat(made.get("skipped").get(0).get("file").asText()).isEqualTo("broken.jpg");
        assertThat(made.get("skipped").get(0).get("reason").asText()).isNotBlank();
        assertThat(create(images).get("images").asInt()).isEqualTo(6);
        JsonNode listed = json("pools", "list").get("pools");
        assertThat(listed).hasSize(1);
        assertThat(listed.get(0).get("name").asText()).isEqualTo("pools/some");
        assertThat(json("pool", "get", "some").get("dimension").asInt()).isPositive();
        assertThat(run("pool", "list").out()).contains("pools/some");
        json("pool", "delete", "some");
        assertThat(json("pool", "list").get("pools")).isEmpty();
        assertThat(pictures.getFirst()).exists();
    }

    @Test
    void whatIsNoPoolIsRefusedByName() throws IOException {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        refused("POOL_EMPTY", arguments(empty));
        refused("POOL_NOT_FOUND", arguments(directory.resolve("none")));
        refused("POOL_NOT_FOUND", "pool", "delete", "none");
        assertThat(run("pool").code()).isEqualTo(2);
    }

    private void refused(String reason, String... arguments) throws IOException {
        var all = new ArrayList<>(List.of(arguments));
        all.add("--json");
        var run = run(all.toArray(String[]::new));
        assertThat(run.code()).as(run.out()).isEqualTo(1);
        assertThat(run.json().get("error").get("reason").asText()).isEqualTo(reason);
    }
}
