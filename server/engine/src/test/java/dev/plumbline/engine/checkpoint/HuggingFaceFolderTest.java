package dev.plumbline.engine.checkpoint;

import static dev.plumbline.engine.checkpoint.Fixtures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HuggingFaceFolderTest {
    private static final String INDEX = "model.safetensors.index.json";
    private static final String SECOND = "model-00002-of-00003.safetensors";
    private static final String EMBEDDING = "language_model.model.embed_tokens.weight";

    @TempDir Path folder;
    private Path model;
    private Path cache;

    @BeforeEach
    void copyCheckpoint() throws IOException {
        model = folder.resolve("model");
        cache = folder.resolve("cache");
        Fixtures.copyFolder(Fixtures.resource("sharded-bf16"), model);
    }

    @Test
    void readsSettingsOfAGenuineFolder() {
        HuggingFaceFolder demo = HuggingFaceFolder.open(Fixtures.DEMO.resolve("llava"));
        assertThat(demo.config().path("model_type").asText()).isEqualTo("llava");
        assertThat(demo.json("preprocessor_config.json").orElseThrow().has("image_mean")).isTrue();
        assertThat(demo.json("chat_template.json")).isEmpty();
        assertThat(demo.file("chat_template.jinja")).isPresent();
        assertThat(demo.weightIndex().entries()).hasSize(113);
    }

    /** The layout of the Hub's cache: snapshots of links to blobs named by their hashes. */
    @Test
    void followsTheLinksOfACache() throws IOException {
        Path blobs = Files.createDirectories(folder.resolve("hub/models--a--b/blobs"));
        Path snapshot = Files.createDirectories(folder.resolve("hub/models--a--b/snapshots/1f2e"));
        int number = 0;
        for (String name : new String[] {"config.json", INDEX, shard(1), shard(2), shard(3)}) {
            Path blob = Files.move(model.resolve(name), blobs.resolve("blob" + number++));
            Files.createSymbolicLink(snapshot.resolve(name), snapshot.relativize(blob));
        }
        Path link = Files.createSymbolicLink(folder.resolve("link"), snapshot);
        WeightIndex index = HuggingFaceFolder.open(link).weightIndex();
        assertThat(index.entries()).hasSize(64);
        assertThat(index.files()).allSatisfy(file -> assertThat(file).hasParent(blobs));

        Path above = folder.resolve("hub/models--a--b");
        PlumblineException e = failure(() -> HuggingFaceFolder.open(above));
        assertThat(e.reason()).isEqualTo("MODEL_NOT_FOUND");
        assertThat(e).hasMessageContaining("snapshots");
    }

    @Test
    void refusesWhatIsNoModel() throws IOException {
        for (Path path :
                new Path[] {folder.resolve("nowhere"), Files.createTempFile(folder, "a", "b")}) {
            PlumblineException e = failure(() -> HuggingFaceFolder.open(path));
            assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND);
            assertThat(e.reason()).isEqualTo("MODEL_NOT_FOUND");
            assertThat(e.metadata()).isEqualTo(Map.of("path", path.toString()));
        }
        Files.delete(model.resolve("config.json"));
        assertThat(failure(() -> HuggingFaceFolder.open(model)))
                .hasMessageContaining("has no config.json");
        Files.createSymbolicLink(model.resolve("config.json"), folder.resolve("gone"));
        assertThat(failure(() -> HuggingFaceFolder.open(model)).reason())
                .isEqualTo("MODEL_NOT_FOUND");
    }

    @Test
    void refusesAConfigurationThatIsNoObject() throws IOException {
        for (String text : new String[] {"", "[]", "{\"a\":", "{} {}", "\u0000"}) {
            Files.writeString(model.resolve("config.json"), text);
            PlumblineException e = failure(() -> HuggingFaceFolder.open(model));
            assertThat(e.reason()).as(text).isEqualTo("JSON_INVALID");
            assertThat(e).hasMessageContaining("config.json");
        }
    }

    @Test
    void refusesPickledWeights() throws IOException {
        Path old = Files.createDirectories(folder.resolve("old"));
        Files.writeString(old.resolve("config.json"), "{}");
        assertThat(failure(() -> HuggingFaceFolder.open(old).weightIndex()).reason())
                .isEqualTo("WEIGHTS_MISSING");
        Files.writeString(old.resolve("pytorch_model.bin"), "pickle");
        PlumblineException e = failure(() -> HuggingFaceFolder.open(old).weightIndex());
        assertThat(e.reason()).isEqualTo("WEIGHTS_NOT_SAFETENSORS");
        assertThat(e).hasMessageContaining("convert them to model.safetensors");
    }

    @Test
    void namesTheShardThatIsMissing() throws IOException {
        Files.delete(model.resolve(SECOND));
        PlumblineException e = failure(() -> HuggingFaceFolder.open(model).weightIndex());
        assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION);
        assertThat(e.reason()).isEqualTo("WEIGHTS_MISSING");
        assertThat(e.metadata().get("file")).endsWith(SECOND);
        assertThat(e.metadata()).containsKey("tensor");
    }

    @Test
    void namesTheTensorThatIsNotInItsShard() throws IOException {
        editIndex("\"" + EMBEDDING + "\"", "\"language_model.model.none.weight\"");
        PlumblineException e = failure(() -> HuggingFaceFolder.open(model).weightIndex());
        assertThat(e.reason()).isEqualTo("TENSOR_MISSING");
        assertThat(e.metadata()).containsEntry("tensor", "language_model.model.none.weight");
        assertThat(e.metadata().get("file")).endsWith(".safetensors");
    }

    @Test
    void refusesAnIndexThatLeadsOutOfTheFolder() throws IOException {
        editIndex("\"" + SECOND + "\"", "\"../" + SECOND + "\"");
        PlumblineException e = failure(() -> HuggingFaceFolder.open(model).weightIndex());
        assertThat(e.reason()).isEqualTo("SHARD_INDEX_INVALID");
        Files.writeString(model.resolve(INDEX), "{\"weight_map\": {}}");
        assertThat(failure(() -> HuggingFaceFolder.open(model).weightIndex()).reason())
                .isEqualTo("SHARD_INDEX_INVALID");
    }

    @Test
    void refusesTwoNamesForOneWeight() throws IOException {
        Path twice = Files.createDirectories(folder.resolve("twice"));
        Files.writeString(twice.resolve("config.json"), "{}");
        Fixtures.safetensors(
                twice.resolve("model.safetensors"),
                "{\"lm_head.weight\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                        + "\"language_model.lm_head.weight\":"
                        + "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
                8);
        PlumblineException e = failure(() -> HuggingFaceFolder.open(twice).weightIndex());
        assertThat(e.reason()).isEqualTo("TENSOR_DUPLICATE");
        assertThat(e.metadata()).containsEntry("tensor", "language_model.lm_head.weight");
    }

    @Test
    void digestsContentAndNotPlaces() throws IOException {
        String digest = HuggingFaceFolder.open(model).digest(cache, "", LoadProgress.NONE);
        assertThat(digest).matches("[0-9a-f]{64}");
        Path moved = Files.move(model, folder.resolve("moved"));
        assertThat(HuggingFaceFolder.open(moved).digest(cache, "", LoadProgress.NONE))
                .isEqualTo(digest);
        Files.writeString(moved.resolve("tokenizer.json"), "{}");
        assertThat(HuggingFaceFolder.open(moved).digest(cache, "", LoadProgress.NONE))
                .isNotEqualTo(digest);
        Files.delete(moved.resolve("tokenizer.json"));
        Files.writeString(moved.resolve("README.md"), "no part of the model");
        assertThat(HuggingFaceFolder.open(moved).digest(cache, "", LoadProgress.NONE))
                .isEqualTo(digest);
    }

    @Test
    void digestsAgainOnlyWhatChanged() throws IOException {
        HuggingFaceFolder opened = HuggingFaceFolder.open(model);
        String digest = opened.digest(cache, "", LoadProgress.NONE);
        Path shard = model.resolve(SECOND);
        var time = Files.getLastModifiedTime(shard);
        byte[] bytes = Files.readAllBytes(shard);
        bytes[bytes.length - 1] ^= 1;
        Files.write(shard, bytes);
        Files.setLastModifiedTime(shard, time);
        assertThat(opened.digest(cache, "", LoadProgress.NONE))
                .as("size and time are the same")
                .isEqualTo(digest);
        Files.setLastModifiedTime(shard, FileTime.fromMillis(time.toMillis() + 1000));
        assertThat(opened.digest(cache, "", LoadProgress.NONE)).isNotEqualTo(digest);
    }

    @Test
    void distrustsADamagedMemo() throws IOException {
        HuggingFaceFolder opened = HuggingFaceFolder.open(model);
        String digest = opened.digest(cache, "", LoadProgress.NONE);
        try (var memos = Files.list(cache.resolve("digests"))) {
            for (Path memo : memos.toList()) {
                Files.writeString(memo, "{\"sha256\": 1");
            }
        }
        assertThat(opened.digest(cache, "", LoadProgress.NONE)).isEqualTo(digest);
    }

    @Test
    void digestsEvenWhereItCannotRemember() throws IOException {
        HuggingFaceFolder opened = HuggingFaceFolder.open(model);
        Path file = Files.writeString(folder.resolve("file"), "not a folder");
        assertThat(opened.digest(file, "", LoadProgress.NONE))
                .isEqualTo(opened.digest(cache, "", LoadProgress.NONE));
    }

    private void editIndex(String from, String to) throws IOException {
        String text = Files.readString(model.resolve(INDEX));
        assertThat(text).contains(from);
        Files.writeString(model.resolve(INDEX), text.replace(from, to));
    }

    private static String shard(int number) {
        return "model-0000" + number + "-of-00003.safetensors";
    }
}
