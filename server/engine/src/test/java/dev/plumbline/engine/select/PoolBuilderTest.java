package dev.plumbline.engine.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.jerolba.carpet.CarpetWriter;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.image.PngEncoder;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.select.PoolBuilder.Wanted;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import org.apache.parquet.io.api.Binary;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PoolBuilderTest {
    @TempDir Path folder;

    private final ColorEmbedder embedder = new ColorEmbedder("colors");

    private static byte[] picture(long seed) {
        byte[] rgb = new byte[3 * 12 * 10];
        new SplittableRandom(seed).nextBytes(rgb);
        return PngEncoder.encode(new Picture(12, 10, rgb));
    }

    private Path source(String... names) throws IOException {
        Path source = folder.resolve("source");
        for (String name : names) {
            Path file = source.resolve(name);
            Files.createDirectories(file.getParent());
            Files.write(file, picture(name.hashCode()));
        }
        return source;
    }

    private Path pool() {
        return folder.resolve("pool");
    }

    private PoolFile.Facts build(Wanted wanted) {
        return new PoolBuilder(pool(), embedder, PoolListener.NONE).build(wanted);
    }

    private static List<String> ids(CandidatePool pool) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < pool.size(); i++) {
            ids.add(pool.id(i));
        }
        return ids;
    }

    @Test
    void aFolderInTheOrderOfItsPaths() throws IOException {
        Path source = source("b.PNG", "a.jpg", "deep/er/c.jpeg", "d.png");
        Files.writeString(source.resolve("notes.txt"), "no picture");
        PoolFile.Facts facts = build(Wanted.all(source));
        CandidatePool pool = CandidatePool.open(pool());
        assertThat(ids(pool)).containsExactly("a.jpg", "b.PNG", "d.png", "deep/er/c.jpeg");
        assertThat(facts.images()).isEqualTo(4);
        assertThat(pool.file(3)).hasBinaryContent(picture("deep/er/c.jpeg".hashCode()));
        for (int i = 0; i < pool.size(); i++) {
            float[] vector = pool.embeddings().orElseThrow().slice(i, i + 1L).toFloats();
            byte[] bytes = Files.readAllBytes(pool.file(i));
            Picture decoded = dev.plumbline.engine.image.ImageDecoder.decode(bytes, pool.id(i));
            assertThat(vector).isEqualTo(embedder.images(List.of(decoded), Cancellation.none())[0]);
        }
    }

    @Test
    void theSameBytesCountOnceAndGrowthEmbedsOnlyWhatIsNew() throws IOException {
        Path source = source("a.png", "b.png");
        Files.copy(source.resolve("a.png"), source.resolve("z.png"));
        PoolFile.Facts facts = build(Wanted.all(source));
        assertThat(facts.images()).isEqualTo(2);
        assertThat(facts.duplicates()).isEqualTo(1);
        assertThat(embedder.embedded()).isEqualTo(4);
        source("c.png", "0.png");
        build(Wanted.all(source));
        assertThat(embedder.embedded()).isEqualTo(8);
        CandidatePool grown = CandidatePool.open(pool());
        assertThat(ids(grown)).containsExactly("0.png", "a.png", "b.png", "c.png");
        byte[] grownVectors = Files.readAllBytes(pool().resolve("embeddings.f32"));
        Path fresh = folder.resolve("fresh");
        new PoolBuilder(fresh, embedder, PoolListener.NONE).build(Wanted.all(source));
        assertThat(fresh.resolve("embeddings.f32")).hasBinaryContent(grownVectors);
        assertThat(CandidatePool.open(fresh).digest()).isEqualTo(grown.digest());
        Files.delete(source.resolve("a.png"));
        build(Wanted.all(source));
        assertThat(ids(CandidatePool.open(pool())))
                .containsExactly("0.png", "b.png", "c.png", "z.png");
        assertThat(embedder.embedded()).isEqualTo(12);
    }

    /** A small picture whose header claims another size. */
    private static byte[] saying(int width, int height) {
        byte[] png = picture(8);
        ByteBuffer header = ByteBuffer.wrap(png).putInt(16, width).putInt(20, height);
        CRC32 checksum = new CRC32();
        checksum.update(png, 12, 17);
        header.putInt(29, (int) checksum.getValue());
        return png;
    }

    @Test
    void damagedFilesAreNamedAndSkipped() throws IOException {
        Path source = source("a.png", "b.png", "c.png", "d.png", "huge.png");
        byte[] whole = picture(7);
        Files.write(source.resolve("huge.png"), saying(60_000, 60_000));
        Files.write(source.resolve("b.png"), Arrays.copyOf(whole, whole.length / 2));
        Files.writeString(source.resolve("c.png"), "not a picture");
        PoolFile.Facts facts = build(Wanted.all(source));
        assertThat(facts.images()).isEqualTo(2);
        assertThat(facts.skippedCount()).isEqualTo(3);
        assertThat(facts.skipped())
                .extracting(PoolFile.Skipped::file)
                .containsExactly("b.png", "c.png", "huge.png");
        assertThat(facts.skipped().getLast().reason()).contains("60000");
        assertThat(facts.skipped()).allMatch(s -> !s.reason().isBlank());
        assertThat(PoolFile.read(pool())).contains(facts);
        Files.delete(source.resolve("a.png"));
        Files.delete(source.resolve("d.png"));
        refused(
                "POOL_EMPTY",
                "3 damaged",
                () -> {
                    new PoolBuilder(folder.resolve("other"), embedder, PoolListener.NONE)
                            .build(Wanted.all(source));
                });
    }

    @Test
    void cocoIdsAreExcludedInAllTheirSpellings() throws IOException {
        Path source =
                source(
                        "train2017/000000000009.jpg",
                        "train2017/000000391895.jpg",
                        "val2014/COCO_val2014_000000000042.jpg",
                        "other.jpg");
        Path list = folder.resolve("exclude.json");
        Files.writeString(list, "[391895, \"COCO_val2014_000000000042.jpg\", \"other.jpg\"]");
        List<String> ids = PoolBuilder.excluded(list);
        PoolFile.Facts facts = build(new Wanted(source, "image", ids));
        assertThat(facts.excluded()).isEqualTo(3);
        assertThat(ids(CandidatePool.open(pool()))).containsExactly("train2017/000000000009.jpg");
        Files.writeString(list, "000000000009\n\n other.jpg \n");
        assertThat(PoolBuilder.excluded(list)).containsExactly("000000000009", "other.jpg");
    }

    /** As Hugging Face's image feature is stored. */
    public record Feature(Binary bytes, @Nullable String path) {}

    public record Row(@Nullable Feature image, long idx) {}

    public record Plain(Binary picture) {}

    private static <T> Path parquet(Path file, Class<T> type, List<T> rows) throws IOException {
        try (OutputStream out = Files.newOutputStream(file);
                CarpetWriter<T> writer = new CarpetWriter<>(out, type)) {
            writer.write(rows);
        }
        return file;
    }

    private static Binary binary(byte[] bytes) {
        return Binary.fromConstantByteArray(bytes);
    }

    @Test
    void parquetFilesWithAndWithoutPaths() throws IOException {
        Path file =
                parquet(
                        folder.resolve("train-00000.parquet"),
                        Row.class,
                        List.of(
                                new Row(new Feature(binary(picture(1)), "k/1.png"), 0),
                                new Row(new Feature(binary(picture(2)), null), 1),
                                new Row(null, 2),
                                new Row(new Feature(binary(new byte[] {1, 2}), "bad.png"), 3)));
        PoolFile.Facts facts = build(Wanted.all(file));
        CandidatePool pool = CandidatePool.open(pool());
        assertThat(ids(pool)).containsExactly("k/1.png", "train-00000.parquet#1");
        assertThat(pool.file(0)).hasBinaryContent(picture(1));
        assertThat(facts.skipped())
                .extracting(PoolFile.Skipped::file)
                .containsExactly("bad.png", "train-00000.parquet#2");
        Path plain =
                parquet(
                        folder.resolve("plain.parquet"),
                        Plain.class,
                        List.of(new Plain(binary(picture(3)))));
        new PoolBuilder(folder.resolve("plain"), embedder, PoolListener.NONE)
                .build(new Wanted(plain, "picture", List.of()));
        assertThat(CandidatePool.open(folder.resolve("plain")).file(0))
                .hasBinaryContent(picture(3));
        refused(
                "POOL_COLUMN_MISSING",
                "no column 'image'; its columns are [picture]",
                () -> build(Wanted.all(plain)));
        refused("POOL_COLUMN_MISSING", "'idx'", () -> build(new Wanted(file, "idx", List.of())));
        Files.writeString(plain, "PAR1 not");
        refused("PARQUET_UNREADABLE", "plain.parquet", () -> build(Wanted.all(plain)));
    }

    @Test
    void whatIsWrongIsNamed() throws IOException {
        Path empty = Files.createDirectories(folder.resolve("empty"));
        refused("POOL_EMPTY", empty.toString(), () -> build(Wanted.all(empty)));
        refused("POOL_NOT_FOUND", "none", () -> build(Wanted.all(folder.resolve("none"))));
        refused("POOL_NOT_FOUND", "pool", () -> CandidatePool.open(pool()));
        // A link that leads to itself cannot be followed, nor can it be a picture.
        Files.createSymbolicLink(empty.resolve("loop.png"), empty.resolve("loop.png"));
        refused("POOL_EMPTY", empty.toString(), () -> CandidatePool.images(empty));
        build(Wanted.all(source("a.png")));
        refused(
                "POOL_CLIP_MISMATCH",
                "another CLIP model",
                () ->
                        new PoolBuilder(pool(), new ColorEmbedder("other"), PoolListener.NONE)
                                .build(Wanted.all(folder.resolve("source"))));
        Files.write(pool().resolve("embeddings.f32"), new byte[3]);
        refused("POOL_DAMAGED", "3 bytes", () -> CandidatePool.open(pool()));
    }

    @Test
    void anotherModelDoesNotGoOnWithWhatOneLeftUnfinished() throws IOException {
        Path source = source("a.png", "b.png");
        Path journal = Files.createDirectories(pool()).resolve("vectors.journal");
        try (VectorJournal left = VectorJournal.open(journal, "colors", 64)) {
            left.append(Digests.of(picture("a.png".hashCode())), new float[64]);
        }
        byte[] before = Files.readAllBytes(journal);
        refused(
                "POOL_CLIP_MISMATCH",
                "delete this one",
                () ->
                        new PoolBuilder(pool(), new ColorEmbedder("other"), PoolListener.NONE)
                                .build(Wanted.all(source)));
        assertThat(journal).hasBinaryContent(before);
        build(Wanted.all(source));
        assertThat(CandidatePool.open(pool()).embeddings().orElseThrow().slice(0, 1).toFloats())
                .as("the vector that was left is taken")
                .containsOnly(0);
    }

    @Test
    void aFullOrUnwritableDiskIsSaid() throws IOException {
        Path source = source("a.png");
        Path journal = Files.createDirectories(pool()).resolve("vectors.journal");
        Files.createSymbolicLink(journal, Path.of("/dev/full"));
        refused("POOL_NOT_WRITABLE", "No space left", () -> build(Wanted.all(source)));
        Files.delete(journal);
        Path file = Files.writeString(folder.resolve("file"), "no folder");
        refused(
                "POOL_NOT_WRITABLE",
                file.toString(),
                () ->
                        new PoolBuilder(file.resolve("pool"), embedder, PoolListener.NONE)
                                .build(Wanted.all(source)));
        assertThat(build(Wanted.all(source)).images()).isOne();
    }

    @Test
    void linkedFoldersArePartOfIt() throws IOException {
        Path source = source("train/a.png");
        Path linked = Files.createDirectories(folder.resolve("linked"));
        Files.createSymbolicLink(linked.resolve("data"), source.resolve("train"));
        Path itself = Files.createSymbolicLink(folder.resolve("link"), linked);
        build(Wanted.all(itself));
        assertThat(ids(CandidatePool.open(pool()))).containsExactly("data/a.png");
    }

    private static void refused(
            String reason,
            String said,
            org.assertj.core.api.ThrowableAssert.ThrowingCallable work) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(work)
                .withMessageContaining(said)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void cancelledItGoesOnWhereItWas() throws IOException {
        String[] names = new String[40];
        Arrays.setAll(names, i -> "%02d.png".formatted(i));
        Path source = source(names);
        Cancellation cancellation = new Cancellation();
        PoolListener impatient =
                new PoolListener() {
                    @Override
                    public void progress(Progress progress) {
                        if (progress.embedded() >= 16) {
                            cancellation.cancel();
                        }
                    }

                    @Override
                    public Cancellation cancellation() {
                        return cancellation;
                    }
                };
        refused(
                "CANCELLED",
                "",
                () -> new PoolBuilder(pool(), embedder, impatient).build(Wanted.all(source)));
        assertThat(embedder.embedded()).isBetween(16, 32);
        // A process that died left half a record behind.
        Path journal = pool().resolve("vectors.journal");
        Files.write(journal, new byte[] {1, 2, 3}, java.nio.file.StandardOpenOption.APPEND);
        build(Wanted.all(source));
        assertThat(embedder.embedded()).isEqualTo(40);
        assertThat(journal).doesNotExist();
        assertThat(CandidatePool.open(pool()).size()).isEqualTo(40);
    }
}
