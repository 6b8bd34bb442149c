package dev.plumbline.engine.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.plumbline.engine.data.PreferenceData.Source;
import dev.plumbline.engine.data.PreferenceExample.Mining;
import dev.plumbline.engine.data.PreferenceExample.Place;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.RandomAccess;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same rows in every format, made by {@code make_data_fixtures.py}. */
class DataFormatsTest {
    static final Path DATA = Path.of("src/test/resources/data").toAbsolutePath();

    @TempDir Path cache;

    @TempDir Path folder;

    private PreferenceData read(Path file) {
        return PreferenceData.read(Source.of(file), cache);
    }

    @ParameterizedTest
    @CsvSource({
        "plumbline.jsonl, plumbline, line 1",
        "rlhf-v.parquet, rlhf-v, row 0",
        "rlhf-v.json, rlhf-v, row 0",
        "rlaif-v.parquet, rlaif-v, row 0",
        "trl.parquet, trl, row 0",
        "trl-text.jsonl, trl, line 1",
        "trl-implicit.jsonl, trl, line 1",
        "llama-factory.json, llama-factory, row 0",
        "llama-factory.parquet, llama-factory, row 0",
        "ms-swift.jsonl, ms-swift, line 1",
        "ms-swift-messages.jsonl, ms-swift, line 1",
    })
    void everyFormatIsKnownByItsContent(String name, String format, String first)
            throws IOException {
        PreferenceData data = read(DATA.resolve(name)).under(BadRowPolicy.STOP);
        assertThat(data.format().label()).isEqualTo(format);
        assertThat(data.rows().getFirst().place()).hasToString(DATA.resolve(name) + " " + first);
        assertThatTheRowsAreOurs(data.rows());
    }

    @Test
    void pathsMayBeRelativeToAnotherFolder() throws IOException {
        Path file = DATA.resolve("mmpr.jsonl");
        var source = new Source(file, Optional.empty(), Optional.of(DATA.resolve("images")));
        PreferenceData data = PreferenceData.read(source, cache);
        assertThat(data.format()).isEqualTo(DataFormat.MMPR);
        assertThatTheRowsAreOurs(data.rows());
        assertThat(read(file).unusable().summary().first().getFirst().reason())
                .isEqualTo("IMAGE_NOT_FOUND");
    }

    private static void assertThatTheRowsAreOurs(List<PreferenceExample> rows) throws IOException {
        assertThat(rows).isInstanceOf(RandomAccess.class);
        assertThat(rows)
                .extracting(
                        PreferenceExample::prompt,
                        PreferenceExample::chosen,
                        PreferenceExample::rejected)
                .containsExactly(
                        tuple("What is in the picture?", "A red square.", "A small dog."),
                        tuple("Is there a cat?", "No, there is a green field.", "Yes, a cat."),
                        tuple("Describe it, très court.", "Blue water.", "A yellow desert."));
        List<String> images = List.of("red.png", "green.jpg", "blue.png");
        for (int i = 0; i < images.size(); i++) {
            Path image = rows.get(i).image();
            assertThat(image).isAbsolute();
            assertThat(image).hasSameBinaryContentAs(DATA.resolve("images").resolve(images.get(i)));
            String ending = i == 1 ? ".jpg" : ".png";
            assertThat(image.toString()).endsWith(ending);
        }
    }

    @Test
    void picturesOfRejectedAnswersAreNegativesUnlessTheyAreTheRowsOwn() {
        List<PreferenceExample> rows = read(DATA.resolve("ms-swift.jsonl")).rows();
        assertThat(rows)
                .allSatisfy(row -> {
                    assertThat(row.mining().sampling()).isEqualTo("greedy");
                    assertThat(row.negatives()).hasSize(1);
                    assertThat(row.negatives().getFirst().selector()).isEqualTo("rejected_images");
                    assertThat(row.negatives().getFirst().logWeight()).isZero();
                });
        assertThat(rows.getFirst().negatives().getFirst().image())
                .isEqualTo(DATA.resolve("images/blue.png"));
        assertThat(read(DATA.resolve("ms-swift-messages.jsonl")).rows())
                .allSatisfy(row -> assertThat(row.negatives()).isEmpty());
    }

    @Test
    void manyMayReadTheSameAtATime() throws Exception {
        int readers = 8;
        for (int round = 0; round < 5; round++) {
            Path fresh = cache.resolve("round-" + round);
            var start = new CyclicBarrier(readers);
            List<Future<PreferenceData>> all = new ArrayList<>();
            try (var threads = Executors.newFixedThreadPool(readers)) {
                for (int i = 0; i < readers; i++) {
                    all.add(
                            threads.submit(() -> {
                                start.await();
                                return PreferenceData.read(
                                        Source.of(DATA.resolve("rlhf-v.parquet")), fresh);
                            }));
                }
            }
            for (Future<PreferenceData> one : all) {
                assertThatTheRowsAreOurs(one.get().rows());
            }
            try (Stream<Path> stores = Files.list(fresh.resolve("rows"))) {
                assertThat(stores).hasSize(1);
            }
        }
    }

    @Test
    void whatAFormatHasBesideIsKept() {
        PreferenceExample row = read(DATA.resolve("rlhf-v.parquet")).rows().get(1);
        assertThat(row.fields().path("idx").asInt()).isEqualTo(1);
        assertThat(row.fields().path("origin_dataset").asText()).isEqualTo("made");
        assertThat(row.fields().has("text")).isFalse();
    }

    @Test
    void aFolderOfParquetFilesIsOneDataSet() throws IOException {
        Files.copy(DATA.resolve("rlaif-v.parquet"), folder.resolve("train-0.parquet"));
        Files.copy(DATA.resolve("rlaif-v.parquet"), folder.resolve("train-1.parquet"));
        List<PreferenceExample> rows = read(folder).rows();
        assertThat(rows).hasSize(6);
        assertThat(rows.get(4).place()).isEqualTo(Place.row(folder.resolve("train-1.parquet"), 1));
        // The same picture is one file.
        assertThat(rows.get(4).image()).isEqualTo(rows.get(1).image());
    }

    @Test
    void minedRowsAsParquetAreReadAgain() {
        PreferenceExample plain = read(DATA.resolve("rlaif-v.parquet")).rows().getFirst();
        var negative =
                new NegativeImage(
                        DATA.resolve("images/blue.png"),
                        0.5,
                        -2.25,
                        1.5,
                        "sae",
                        "3",
                        new NegativeImage.Details(
                                7,
                                0.125,
                                List.of(new NegativeImage.Latent(4, 0.75)),
                                List.of("close")));
        var mining = new Mining(List.of(negative), "with_replacement", 40, 0.5);
        Path mined = folder.resolve("mined.parquet");
        PreferenceRowsParquet.write(mined, List.of(plain.with(mining), plain));
        PreferenceData data = read(mined).under(BadRowPolicy.STOP);
        assertThat(data.format()).isEqualTo(DataFormat.PLUMBLINE);
        assertThat(data.rows())
                .extracting(
                        PreferenceExample::image,
                        PreferenceExample::prompt,
                        PreferenceExample::chosen,
                        PreferenceExample::rejected,
                        PreferenceExample::mining)
                .containsExactly(
                        tuple(
                                plain.image(),
                                plain.prompt(),
                                plain.chosen(),
                                plain.rejected(),
                                mining),
                        tuple(
                                plain.image(),
                                plain.prompt(),
                                plain.chosen(),
                                plain.rejected(),
                                Mining.NONE));
        assertThat(data.rows().getFirst().fields().path("origin_dataset").asText())
                .isEqualTo("made");
    }

    @Test
    void aSecondTimeWhatWasReadIsFound() throws IOException {
        Path file = Files.copy(DATA.resolve("rlaif-v.parquet"), folder.resolve("a.parquet"));
        List<PreferenceExample> first = read(file).rows();
        Path head = onlyStore().resolve(RowStore.HEAD);
        FileTime old = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(head, old);
        assertThat(read(file).rows()).isEqualTo(first);
        assertThat(Files.getLastModifiedTime(head)).isEqualTo(old);
        // Another content is another store; without its pictures a store does not hold.
        Files.copy(
                DATA.resolve("rlhf-v.json"),
                file,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Files.createDirectory(folder.resolve("images"));
        assertThat(read(file).rows()).isEmpty();
        assertThat(stores()).hasSize(2);
        assertThat(first.get(2).chosen()).isEqualTo("Blue water.");
    }

    @Test
    void whatADeadProcessLeftIsSweptAfterADay() throws IOException {
        Path left = Files.createDirectories(cache.resolve("rows/.fresh-a"));
        Files.writeString(left.resolve(RowStore.ROWS), "half a ro");
        Path late = Files.createDirectories(cache.resolve("rows/.fresh-b"));
        Files.setLastModifiedTime(left, FileTime.from(Instant.now().minus(Duration.ofHours(25))));
        assertThat(read(DATA.resolve("rlaif-v.parquet")).rows()).hasSize(3);
        assertThat(left).doesNotExist();
        assertThat(late).exists();
    }

    @Test
    void aStoreWhosePicturesAreGoneIsMadeAnew() throws IOException {
        Path file = DATA.resolve("rlaif-v.parquet");
        Path image = read(file).rows().getFirst().image();
        Files.delete(image);
        assertThat(read(file).rows().getFirst().image()).isEqualTo(image).exists();
        assertThat(stores()).hasSize(1);
    }

    private Path onlyStore() throws IOException {
        assertThat(stores()).hasSize(1);
        return stores().getFirst();
    }

    private List<Path> stores() throws IOException {
        try (Stream<Path> all = Files.list(cache.resolve("rows"))) {
            return all.toList();
        }
    }

    @Test
    void aPictureThatWasMissingIsLookedForAgain() throws IOException {
        Path file = folder.resolve("rows.json");
        Files.copy(DATA.resolve("rlhf-v.json"), file);
        PreferenceData before = read(file);
        assertThat(before.rows()).isEmpty();
        assertThat(before.unusable().count()).isEqualTo(3);
        Files.createDirectory(folder.resolve("images"));
        Files.copy(DATA.resolve("images/red.png"), folder.resolve("images/red.png"));
        PreferenceData after = read(file);
        assertThat(after.rows()).hasSize(1);
        assertThat(after.unusable().count()).isEqualTo(2);
        assertThat(stores()).hasSize(1);
        // What was read before is still what it was.
        before.unusable().write(folder.resolve("skipped.jsonl"));
        assertThat(folder.resolve("skipped.jsonl")).content().hasLineCount(3);
    }

    @Test
    void aFormatCanBeForced() {
        Path file = DATA.resolve("trl-text.jsonl");
        var forced = new Source(file, DataFormat.named("rlhf-v"), Optional.empty());
        PreferenceData data = PreferenceData.read(forced, cache);
        assertThat(data.rows()).isEmpty();
        assertThat(data.unusable().summary().first())
                .extracting(UnusableRow::row, UnusableRow::field)
                .containsExactly(
                        tuple("line 1", "text"), tuple("line 2", "text"), tuple("line 3", "text"));
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> DataFormat.named("csv"))
                .withMessageContainingAll("\"csv\"", "rlhf-v", "ms-swift");
    }

    @Test
    void whatIsNoFormatIsTold() throws IOException {
        Path file = Files.writeString(folder.resolve("x.jsonl"), "{\"a\": 1, \"b\": 2}\n");
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> read(file))
                .withMessageContainingAll(file.toString(), "[a, b]", "llama-factory (images, conv")
                .satisfies(e -> assertThat(e.reason()).isEqualTo("DATA_FORMAT_UNKNOWN"));
        Path words = Files.writeString(folder.resolve("y.txt"), "a cat\na dog\n");
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> read(words).under(BadRowPolicy.SKIP))
                .withMessageContainingAll(words + " line 1", "is not JSON", "none is left");
        assertThat(stores()).hasSize(1);
    }

    @Test
    void aRowGroupThatWouldFillTheMemoryIsRefused() {
        Path file = DATA.resolve("trl.parquet");
        assertThat(ParquetTable.open(file, 10_000).rows()).isEqualTo(3);
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> ParquetTable.open(file, 1000))
                .withMessageContainingAll(file.toString(), "smaller row groups")
                .satisfies(e -> assertThat(e.reason()).isEqualTo("PARQUET_ROW_GROUP_TOO_LARGE"));
    }

    @Test
    void whatIsNoFileIsTold() throws IOException {
        for (Path file :
                List.of(
                        folder.resolve("none"),
                        folder,
                        Files.writeString(folder.resolve("empty"), "\n"))) {
            assertThatExceptionOfType(PlumblineException.class)
                    .isThrownBy(() -> read(file))
                    .withMessageContaining(file.toString())
                    .satisfies(e -> assertThat(e.reason()).isEqualTo("DATA_NOT_FOUND"));
        }
        Path torn = Files.writeString(folder.resolve("torn.parquet"), "PAR1 and no more");
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> read(torn))
                .satisfies(e -> assertThat(e.reason()).isEqualTo("PARQUET_UNREADABLE"));
    }
}
