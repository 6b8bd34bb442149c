package dev.plumbline.engine.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a file of tensorboard's own writer, see tensorboard_events.py. */
class TensorBoardFileTest {
    private static final Path EXPECTED =
            Path.of("src/test/resources/training/tensorboard/events.bin");
    private static final Clock CLOCK =
            Clock.fixed(Instant.ofEpochSecond(1_700_000_000L, 250_000_000), ZoneOffset.UTC);

    @TempDir Path folder;

    private static Map<String, Double> values(double loss, double norm) {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("train/loss", loss);
        values.put("train/grad_norm", norm);
        return values;
    }

    private byte[] bytes() throws IOException {
        return Files.readAllBytes(folder.resolve(TensorBoardFile.NAME));
    }

    private void write(int stepsDone, int from, int to) throws IOException {
        try (var file = new TensorBoardFile(folder, stepsDone, CLOCK)) {
            for (int step = from; step <= to; step++) {
                file.write(step, values(1.0 / step, step));
            }
        }
    }

    /** Steps in the order of the file, whose frames are all whole. */
    private List<Integer> steps() throws IOException {
        List<Integer> steps = new ArrayList<>();
        Path path = folder.resolve(TensorBoardFile.NAME);
        try (var file = FileChannel.open(path)) {
            long at = 0;
            while (at < file.size()) {
                byte[] record = EventRecords.read(file, at).orElseThrow();
                steps.add(ScalarEvent.step(record));
                at += EventRecords.framedLength(record);
            }
        }
        return steps;
    }

    @Test
    void theBytesAreTensorBoardsOwn() throws IOException {
        try (var file = new TensorBoardFile(folder, 0, CLOCK)) {
            file.write(1, values(1.3862943611198906, 17.25));
            file.write(2, values(-0.0, 3e-7));
            file.write(300, Map.of("train/löss", 1e30));
        }
        assertThat(bytes()).isEqualTo(Files.readAllBytes(EXPECTED));
    }

    @Test
    void aResumedRunShowsNoStepTwice() throws IOException {
        write(0, 1, 200);
        byte[] uninterrupted = bytes();
        write(130, 131, 200);
        assertThat(bytes()).isEqualTo(uninterrupted);
    }

    @Test
    void whatACrashCutOffIsDropped() throws IOException {
        write(0, 1, 3);
        Path path = folder.resolve(TensorBoardFile.NAME);
        int whole = bytes().length;
        for (int cut = 1; cut < 60; cut += 7) {
            try (var file = FileChannel.open(path, StandardOpenOption.WRITE)) {
                file.truncate(whole - cut);
            }
            write(3, 4, 4);
            assertThat(steps()).as("%d bytes less", cut).containsExactly(0, 1, 2, 4);
            write(2, 3, 3);
            assertThat(steps()).containsExactly(0, 1, 2, 3);
        }
    }

    @Test
    void whatIsNoEventFileIsWrittenAnew() throws IOException {
        Files.writeString(folder.resolve(TensorBoardFile.NAME), "not an event file at all");
        write(2, 3, 3);
        assertThat(steps()).containsExactly(0, 3);
    }

    @Test
    void aRunThatBeginsAnewForgetsTheOneBefore() throws IOException {
        write(0, 1, 5);
        write(0, 1, 2);
        assertThat(steps()).containsExactly(0, 1, 2);
    }

    @Test
    void whatIsNotFiniteIsLeftOut() throws IOException {
        try (var file = new TensorBoardFile(folder, 0, CLOCK)) {
            file.write(1, values(Double.NaN, 2));
        }
        byte[] with = bytes();
        try (var file = new TensorBoardFile(folder, 0, CLOCK)) {
            file.write(1, Map.of("train/grad_norm", 2.0));
        }
        assertThat(bytes()).isEqualTo(with);
    }
}
