package dev.plumbline.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a damaged, foreign or unwritable checkpoint does to a run. */
class RunCheckpointTest {
    private static final String ADAPTER = "adapter_model.safetensors";
    private static final int TENTHS = 10;

    @TempDir Path folder;

    /** Stops a run, as a client would, after so many steps. */
    private static final class Stopper extends TrainingFixture.Steps {
        private final int after;
        private final Cancellation cancellation = new Cancellation();
        private final List<String> notes = new ArrayList<>();
        private int resumedAt = -1;

        Stopper(int after) {
            this.after = after;
        }

        @Override
        public void step(StepMetrics metrics) {
            super.step(metrics);
            if (steps.size() == after) {
                cancellation.cancel();
            }
        }

        @Override
        public void resumed(int steps, List<String> more) {
            resumedAt = steps;
            notes.addAll(more);
        }
    }

    private Stopper train(TrainingFixture fixture, String name, int stopAfter, int every) {
        Stopper stopper = new Stopper(stopAfter);
        TrainingSpec spec = TrainingFixture.spec("plackett-luce + 1.0 * dpo");
        RunFiles files =
                new RunFiles(
                        folder.resolve(name),
                        Optional.of(folder.resolve(name).resolve("checkpoints")),
                        every);
        Trainer trainer = fixture.trainer();
        trainer.run(
                spec,
                trainer.plan(spec, fixture.rows),
                fixture.rows,
                files,
                stopper,
                stopper.cancellation);
        return stopper;
    }

    private void stop(TrainingFixture fixture, String name, int after) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> train(fixture, name, after, 1))
                .withMessageContaining("cancelled");
    }

    private List<Path> checkpoints(String name) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(name).resolve("checkpoints"))) {
            return files.sorted().toList();
        }
    }

    @Test
    void aStoppedRunGoesOnToTheBytesOfOneThatWasNot() throws IOException {
        try (TrainingFixture fixture = new TrainingFixture(folder)) {
            train(fixture, "whole", 0, 0);
            stop(fixture, "stopped", 3);
            assertThat(checkpoints("stopped")).hasSize(2);
            Stopper rest = train(fixture, "stopped", 0, 1);
            assertThat(rest.resumedAt).isEqualTo(3);
            assertThat(rest.notes).isEmpty();
            assertThat(rest.steps).extracting(StepMetrics::step).containsExactly(4);
            assertThat(folder.resolve("stopped").resolve(ADAPTER))
                    .hasSameBinaryContentAs(folder.resolve("whole").resolve(ADAPTER));
        }
    }

    @Test
    void whereverTheNewestIsCutOffTheOneBeforeServes() throws IOException {
        try (TrainingFixture fixture = new TrainingFixture(folder)) {
            train(fixture, "whole", 0, 0);
            for (int tenth = 0; tenth < TENTHS; tenth++) {
                String name = "cut-" + tenth;
                stop(fixture, name, 3);
                Path newest = checkpoints(name).getLast();
                cut(newest, Files.size(newest) * tenth / TENTHS);
                Stopper rest = train(fixture, name, 0, 1);
                assertThat(rest.resumedAt).as(name).isEqualTo(2);
                assertThat(rest.notes).singleElement().asString().contains(newest.toString());
                assertThat(folder.resolve(name).resolve(ADAPTER))
                        .hasSameBinaryContentAs(folder.resolve("whole").resolve(ADAPTER));
            }
        }
    }

    private static void cut(Path file, long length) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(length);
        }
    }

    @Test
    void aBitThatHasFlippedIsFound() throws IOException {
        Path file = folder.resolve("state.safetensors");
        ObjectNode state = JsonNodeFactory.instance.objectNode().put("step", 7);
        RunCheckpoint.write(file, state, Map.of("a", new float[] {1, 2, 3}));
        assertThat(RunCheckpoint.read(file).state().path("step").asInt()).isEqualTo(7);
        byte[] bytes = Files.readAllBytes(file);
        for (int i = 0; i < bytes.length; i++) {
            byte[] wrong = bytes.clone();
            wrong[i] ^= 1;
            Files.write(file, wrong);
            assertThatExceptionOfType(PlumblineException.class)
                    .as("byte " + i)
                    .isThrownBy(() -> RunCheckpoint.read(file));
        }
    }

    @Test
    void anotherRunsCheckpointIsRefused() {
        try (TrainingFixture fixture = new TrainingFixture(folder)) {
            stop(fixture, "stopped", 2);
            List<PreferenceExample> others = fixture.withoutNegatives(0);
            TrainingSpec spec = TrainingFixture.spec("dpo");
            Trainer trainer = fixture.trainer();
            RunFiles files =
                    new RunFiles(
                            folder.resolve("stopped"),
                            Optional.of(folder.resolve("stopped/checkpoints")),
                            1);
            assertThatExceptionOfType(PlumblineException.class)
                    .isThrownBy(() ->
                            trainer.run(
                                    spec,
                                    trainer.plan(spec, others),
                                    others,
                                    files,
                                    new TrainingFixture.Steps(),
                                    Cancellation.none()))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo("CHECKPOINT_OF_ANOTHER_RUN"));
        }
    }
}
