package dev.plumbline.engine.checkpoint;

import static dev.plumbline.engine.checkpoint.Fixtures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.Mappings;
import dev.plumbline.engine.tensor.Precision;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is kept of a checkpoint of three shards in bf16, in each precision. */
class WeightCacheTest {
    private static final WeightIndex INDEX =
            HuggingFaceFolder.open(Fixtures.resource("sharded-bf16")).weightIndex();
    private static final String LEAST_RECENT = "2001-02-03T04:05:06Z";

    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource(Precision.class)
    void convertsOnce(Precision precision) throws IOException {
        AtomicLong reports = new AtomicLong();
        get(precision, (stage, done, total) -> reports.incrementAndGet());
        assertThat(reports.get()).isPositive();
        FileTime old = FileTime.from(Instant.parse(LEAST_RECENT));
        Files.setLastModifiedTime(file(precision), old);
        get(precision, (stage, done, total) -> reports.set(-1));
        assertThat(reports.get()).isPositive();
        assertThat(Files.getLastModifiedTime(file(precision))).isEqualTo(old);
    }

    @Test
    void keepsPrecisionsApartUnlessTheirBytesAreTheSame() throws IOException {
        for (Precision precision : Precision.values()) {
            get(precision, LoadProgress.NONE);
        }
        assertThat(names())
                .containsExactlyInAnyOrder(
                        "abc-fp32.safetensors",
                        "abc-int8.safetensors",
                        "abc-int4.safetensors",
                        "abc.lock");
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void mendsADamagedFileAndCleansUpAfterACrash(Precision precision) throws IOException {
        get(precision, LoadProgress.NONE);
        Path file = file(precision);
        byte[] whole = Files.readAllBytes(file);
        Path leftover = file.resolveSibling("." + file.getFileName() + ".1234.tmp");
        Files.writeString(leftover, "half a file");
        Files.write(file, Arrays.copyOf(whole, whole.length - 4));
        get(precision, LoadProgress.NONE);
        assertThat(leftover).doesNotExist();
        assertThat(file).hasBinaryContent(whole);
    }

    @Test
    void makesAFileOfAnotherVersionAnew() throws IOException {
        get(Precision.INT4, LoadProgress.NONE);
        byte[] whole = Files.readAllBytes(file(Precision.INT4));
        String text = new String(whole, StandardCharsets.ISO_8859_1);
        String other = text.replace("\"plumbline_version\":\"1\"", "\"plumbline_version\":\"0\"");
        assertThat(other).isNotEqualTo(text);
        Files.write(file(Precision.INT4), other.getBytes(StandardCharsets.ISO_8859_1));
        get(Precision.INT4, LoadProgress.NONE);
        assertThat(file(Precision.INT4)).hasBinaryContent(whole);
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void refusesADiskThatIsTooSmall(Precision precision) throws IOException {
        List<WeightPart> parts = parts(precision);
        long needed =
                parts.stream()
                        .flatMap(part -> part.cached().stream())
                        .mapToLong(SafetensorsWriter.Entry::bytes)
                        .sum();
        PlumblineException e =
                failure(() ->
                        new WeightCache(folder, file -> needed - 1)
                                .get(
                                        parts,
                                        "abc",
                                        precision,
                                        Mappings.automatic(),
                                        LoadProgress.NONE));
        assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
        assertThat(e.reason()).isEqualTo("DISK_FULL");
        assertThat(e.metadata())
                .containsEntry("file", file(precision).toString())
                .containsEntry("needed_bytes", Long.toString(needed))
                .containsEntry("free_bytes", Long.toString(needed - 1));
        assertThat(names()).containsExactly("abc.lock");
    }

    @Test
    void convertsOnceForManyThreads() throws Exception {
        AtomicLong pieces = new AtomicLong();
        CountDownLatch together = new CountDownLatch(4);
        try (var pool = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 4; i++) {
                var unused =
                        pool.submit(() -> {
                            together.countDown();
                            together.await();
                            return get(
                                    Precision.INT8,
                                    (stage, done, total) -> pieces.incrementAndGet());
                        });
            }
        }
        long once = pieces.get();
        pieces.set(0);
        Files.delete(file(Precision.INT8));
        get(Precision.INT8, (stage, done, total) -> pieces.incrementAndGet());
        assertThat(once).isPositive().isEqualTo(pieces.get());
    }

    @Test
    void tellsHowFarItIs() {
        Map<Long, Long> reports = new LinkedHashMap<>();
        get(
                Precision.INT4,
                (stage, done, total) -> {
                    assertThat(stage).isEqualTo(LoadProgress.Stage.CONVERTING);
                    synchronized (reports) {
                        reports.put(done, total);
                    }
                });
        long bytes = parts(Precision.INT4).stream().mapToLong(WeightPart::sourceBytes).sum();
        assertThat(reports.values()).containsOnly(bytes);
        assertThat(reports).containsKey(bytes);
    }

    /** Another process is killed while it converts; this one finds nothing and starts anew. */
    @Test
    void survivesAKill() throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                WeightCacheTest.class.getName(),
                                folder.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (var out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(out.readLine()).isEqualTo("converting");
        }
        process.destroyForcibly().waitFor();
        assertThat(names()).hasSize(2).anyMatch(name -> name.endsWith(".tmp"));
        get(Precision.INT4, LoadProgress.NONE);
        assertThat(names()).containsExactlyInAnyOrder("abc.lock", "abc-int4.safetensors");
    }

    /** The process that is killed: it stays in the middle of a conversion. */
    public static void main(String[] arguments) {
        new WeightCache(Path.of(arguments[0]), file -> Long.MAX_VALUE)
                .get(
                        parts(Precision.INT4),
                        "abc",
                        Precision.INT4,
                        Mappings.automatic(),
                        (stage, done, total) -> {
                            System.out.println("converting");
                            stayForever();
                        });
    }

    private static void stayForever() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Safetensors get(Precision precision, LoadProgress progress) {
        return new WeightCache(folder, file -> Long.MAX_VALUE)
                .get(parts(precision), "abc", precision, Mappings.automatic(), progress);
    }

    /** Matrices in the precision, everything else in fp32. */
    private static List<WeightPart> parts(Precision precision) {
        Map<String, Set<Storage>> wanted = new LinkedHashMap<>();
        INDEX.entries()
                .forEach((name, entry) ->
                        wanted.put(
                                name,
                                Set.of(
                                        entry.shape().rank() == 2
                                                ? Storage.valueOf(precision.stored().name())
                                                : Storage.FP32)));
        return CheckpointWeights.parts(INDEX, wanted);
    }

    private Path file(Precision precision) {
        return folder.resolve("weights/abc-" + precision.stored() + ".safetensors");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("weights"))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
