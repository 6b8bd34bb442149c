package dev.plumbline.engine.select;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL at random moments while rows are mined: the file in the end is the same. */
class MiningKillTest {
    private static final Path DEMO = Path.of("../../eval-harness/demo/data").toAbsolutePath();
    private static final int KILLS = 20;
    private static final int ROWS = 200;

    @TempDir Path folder;

    private Process start(Path output) throws IOException {
        Files.createDirectories(output.getParent());
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        MinedFileMaker.class.getName(),
                        folder.resolve("rows.jsonl").toString(),
                        DEMO.resolve("pool").toString(),
                        output.toString())
                .redirectErrorStream(true)
                .start();
    }

    private void rows() throws IOException {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            rows.add(
                    """
                    {"image": "%s/images/%04d.jpg", "prompt": "What is there?", "chosen": "Row %d ä.", "rejected": "No."}\
                    """
                            .formatted(DEMO, i, i));
        }
        Files.write(folder.resolve("rows.jsonl"), rows);
    }

    @Test
    void whatIsKilledGoesOnToTheSameBytes() throws IOException, InterruptedException {
        rows();
        Path whole = folder.resolve("whole/mined.jsonl");
        assertThat(ended(start(whole))).isZero();
        assertThat(Files.readAllLines(whole)).hasSize(ROWS);
        SplittableRandom random = new SplittableRandom(5);
        Path killed = folder.resolve("killed/mined.jsonl");
        int unfinished = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            int until = (int) ((kill + random.nextDouble()) * ROWS / KILLS);
            killAfter(start(killed), until, random.nextLong(3_000_000));
            unfinished += Files.exists(killed) ? 0 : 1;
        }
        assertThat(unfinished).as("kills before the end").isGreaterThanOrEqualTo(KILLS - 3);
        assertThat(ended(start(killed))).isZero();
        assertThat(killed).hasSameBinaryContentAs(whole);
    }

    /** Lets a process work until so many rows are done, and a little longer, then kills it. */
    private static void killAfter(Process process, int done, long nanoseconds)
            throws IOException, InterruptedException {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
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

    private static int ended(Process process) throws IOException, InterruptedException {
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        assertThat(said).contains("of " + ROWS);
        return code;
    }
}
