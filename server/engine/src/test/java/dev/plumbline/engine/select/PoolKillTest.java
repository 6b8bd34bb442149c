package dev.plumbline.engine.select;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL at random moments while a pool is embedded: what comes out in the end is the same. */
class PoolKillTest {
    private static final Path DEMO = Path.of("../../eval-harness/demo");
    private static final int KILLS = 20;
    private static final int PICTURES = 240;

    @TempDir Path folder;

    private Process start(Path pool) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PoolMaker.class.getName(),
                        DEMO.resolve("clip").toString(),
                        folder.resolve("source").toString(),
                        pool.toString(),
                        folder.resolve("cache").toString())
                .redirectErrorStream(true)
                .start();
    }

    /** Lets a process work until so many pictures are done, and a little longer, then kills it. */
    private static void killAfter(Process process, int done, long nanoseconds)
            throws IOException, InterruptedException {
        try (var reader =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.matches("\\d+ of \\d+") && Integer.parseInt(line.split(" ")[0]) >= done) {
                    break;
                }
            }
            TimeUnit.NANOSECONDS.sleep(nanoseconds);
            process.destroyForcibly();
            process.waitFor();
        }
    }

    @Test
    void whatIsKilledGoesOnToTheSameBytes() throws IOException, InterruptedException {
        Path source = Files.createDirectories(folder.resolve("source"));
        try (Stream<Path> pictures = Files.list(DEMO.resolve("data/pool"))) {
            for (Path picture : pictures.sorted().limit(PICTURES).toList()) {
                Files.copy(picture, source.resolve(picture.getFileName()));
            }
        }
        Path whole = folder.resolve("whole");
        assertThat(ended(start(whole))).isZero();
        SplittableRandom random = new SplittableRandom(5);
        Path pool = folder.resolve("killed");
        int unfinished = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            int until = (int) ((kill + random.nextDouble()) * PICTURES / KILLS);
            killAfter(start(pool), until, random.nextLong(4_000_000));
            unfinished += Files.exists(pool.resolve("pool.json")) ? 0 : 1;
        }
        assertThat(unfinished).as("kills before the end").isGreaterThanOrEqualTo(KILLS - 3);
        assertThat(ended(start(pool))).isZero();
        for (String name : List.of("embeddings.f32", "entries.jsonl", "pool.json")) {
            assertThat(pool.resolve(name)).hasSameBinaryContentAs(whole.resolve(name));
        }
    }

    private static int ended(Process process) throws IOException, InterruptedException {
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        assertThat(said).contains("of");
        return code;
    }
}
