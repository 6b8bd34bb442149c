package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.model.Golden.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** LLaVA against transformers and peft (resources/llava). */
class LlavaParityTest extends FamilyParity {
    static final List<String> CASES = Golden.CASES;

    LlavaParityTest() {
        super(Golden.FOLDER);
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void everyPictureTakesAsManyTokens(String name) {
        int tokens = golden(name).json().get("image_tokens").asInt();
        assertThat(model(name).imageTokens()).isEqualTo(tokens);
    }

    /** The layout of Hugging Face's cache: snapshots of links to blobs named by their content. */
    @ParameterizedTest
    @ValueSource(strings = {"full-untied-f32-old", "grouped-tied-bf16-sharded-new"})
    void loadsThroughTheLinksOfACache(String name, @TempDir Path hub) throws IOException {
        Golden golden = golden(name);
        Path blobs = Files.createDirectories(hub.resolve("models--tiny/blobs"));
        Path snapshot = Files.createDirectories(hub.resolve("models--tiny/snapshots/1f2e3d"));
        try (Stream<Path> files = Files.list(golden.model())) {
            int number = 0;
            for (Path file : files.toList()) {
                Path blob = blobs.resolve("blob" + number++);
                Files.copy(file, blob);
                Path link = snapshot.resolve(file.getFileName());
                Files.createSymbolicLink(link, snapshot.relativize(blob));
            }
        }
        Row row = golden.rows().getFirst();
        try (LoadedModel linked = load(snapshot)) {
            assertThat(linked.digest()).isEqualTo(model(name).digest());
            assertThat(score(linked, row, row.pictures(), Optional.empty()))
                    .isEqualTo(score(model(name), row, row.pictures(), Optional.empty()));
        }
    }
}
