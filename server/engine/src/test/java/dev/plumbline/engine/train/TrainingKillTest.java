package dev.plumbline.engine.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL at random moments of a run, many of them within a write: its adapter is the same. */
class TrainingKillTest {
    private static final int KILLS = 50;
    private static final String ADAPTER = "adapter_model.safetensors";

    @TempDir Path folder;

    /** When a process is killed. */
    private enum Phase {
        STEP("step "),
        BEFORE_WRITE("before write step-"),
        BEFORE_FSYNC("before fsync step-"),
        BEFORE_RENAME("before rename step-");

        private final String announced;

        Phase(String announced) {
            this.announced = announced;
        }

        boolean isHeld() {
            return this != STEP;
        }
    }

    private Process start(Path output, int heldMillis) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Dplumbline.test.hold.millis=" + heldMillis,
                        "-cp",
                        System.getProperty("java.class.path"),
                        TrainingRunMaker.class.getName(),
                        folder.resolve("cache").toString(),
                        output.toString(),
                        output.resolve("checkpoints").toString())
                .redirectErrorStream(true)
                .start();
    }

    @Test
    void whatIsKilledGoesOnToTheSameBytes() throws IOException, InterruptedException {
        Path whole = folder.resolve("whole");
        finish(start(whole, 0));
        SplittableRandom random = new SplittableRandom(5);
        Map<Phase, Integer> phases = new EnumMap<>(Phase.class);
        Path killed = folder.resolve("killed");
        for (int kill = 0; kill < KILLS; kill++) {
            if (TrainingRunMaker.isComplete(killed)) {
                requireSame(whole, killed);
                killed = folder.resolve("killed-" + kill);
            }
            Phase phase = Phase.values()[random.nextInt(Phase.values().length)];
            int after = random.nextInt(phase.isHeld() ? 6 : 25);
            String last = kill(start(killed, phase.isHeld() ? 40 : 0), phase, after, random);
            phases.merge(phase, 1, Integer::sum);
            System.out.printf("kill %d: %s, after \"%s\"%n", kill + 1, phase, last);
        }
        System.out.println("kills by phase: " + phases);
        assertThat(phases).containsOnlyKeys(Phase.values());
        assertThat(KILLS - phases.getOrDefault(Phase.STEP, 0)).isGreaterThanOrEqualTo(15);
        finish(start(killed, 0));
        requireSame(whole, killed);
    }

    private static void requireSame(Path whole, Path killed) throws IOException {
        assertThat(killed.resolve(ADAPTER)).hasSameBinaryContentAs(whole.resolve(ADAPTER));
        assertThat(metrics(killed)).isEqualTo(metrics(whole)).hasSize(TrainingRunMaker.STEPS);
    }

    /** The lines without what a clock put into them. */
    private static List<String> metrics(Path output) throws IOException {
        return Files.readAllLines(output.resolve("metrics.jsonl")).stream()
                .map(line -> line.replaceAll(",\"seconds\":[^,}]*", ""))
                .toList();
    }

    /**
     * Lets a process go past what it announces so often, and a little longer, then kills it.
     *
     * @return what it last said
     */
    private static String kill(Process process, Phase phase, int after, SplittableRandom random)
            throws IOException, InterruptedException {
        String last = "";
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            int seen = 0;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                last = line;
                if (line.contains(phase.announced) && seen++ == after) {
                    TimeUnit.NANOSECONDS.sleep(random.nextLong(20_000_000));
                    break;
                }
            }
            process.destroyForcibly();
            process.waitFor();
        }
        return last;
    }

    private static void finish(Process process) throws IOException, InterruptedException {
        List<String> said = new ArrayList<>(process.inputReader().readAllLines());
        assertThat(process.waitFor()).as(String.join("\n", said)).isZero();
    }
}
