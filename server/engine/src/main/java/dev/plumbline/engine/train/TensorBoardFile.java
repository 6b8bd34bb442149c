package dev.plumbline.engine.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A run's figures as an event file that TensorBoard reads. A run that is resumed goes on in the
 * same file, which first loses the steps that will be made again, so that no step shows twice in
 * any reader.
 */
final class TensorBoardFile implements AutoCloseable {
    /** TensorBoard takes every file for one of its own whose name has {@code tfevents} in it. */
    static final String NAME = "events.out.tfevents.plumbline";

    private final FileChannel file;
    private final Clock clock;

    /**
     * @param stepsDone of an earlier part of the run; 0 begins anew
     */
    TensorBoardFile(Path folder, int stepsDone) throws IOException {
        this(folder, stepsDone, Clock.systemUTC());
    }

    TensorBoardFile(Path folder, int stepsDone, Clock clock) throws IOException {
        this.clock = clock;
        this.file =
                FileChannel.open(
                        folder.resolve(NAME),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        try {
            long end = stepsDone == 0 ? 0 : endOf(stepsDone);
            file.truncate(end).position(end);
            if (end == 0) {
                append(ScalarEvent.fileVersion(now()));
            }
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** Where the events of so many steps end; a record that a crash cut off is not among them. */
    private long endOf(int stepsDone) throws IOException {
        long end = 0;
        Optional<byte[]> record = EventRecords.read(file, end);
        while (record.isPresent() && ScalarEvent.step(record.get()) <= stepsDone) {
            end += EventRecords.framedLength(record.get());
            record = EventRecords.read(file, end);
        }
        return end;
    }

    /**
     * Adds a step.
     *
     * @param values by tag, such as {@code train/loss}; what is not finite is left out
     */
    void write(int step, Map<String, Double> values) throws IOException {
        Map<String, Double> finite = new LinkedHashMap<>(values);
        finite.values().removeIf(value -> !Double.isFinite(value));
        append(ScalarEvent.of(now(), step, finite));
    }

    /** What was written is on disk afterwards. */
    void force() throws IOException {
        file.force(false);
    }

    private double now() {
        Instant now = clock.instant();
        return now.getEpochSecond() + now.getNano() / 1e9;
    }

    private void append(byte[] record) throws IOException {
        ByteBuffer framed = ByteBuffer.wrap(EventRecords.framed(record));
        while (framed.hasRemaining()) {
            file.write(framed);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
