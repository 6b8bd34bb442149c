package dev.plumbline.server.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.train.StepMetrics;
import dev.plumbline.server.config.Folders;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Runs on disk: {@code runs/<id>/run.json}, written atomically, and {@code metrics.jsonl}. */
@Singleton
public final class RunStore {
    private static final Logger LOG = Logger.getLogger(RunStore.class);

    private final RecordFolders<RunRecord> records;
    private final ObjectMapper json = StoreJson.mapper();

    @Inject
    public RunStore(Folders folders) {
        this(folders.runs());
    }

    public RunStore(Path root) {
        this.records = new RecordFolders<>(root, "run.json", RunRecord.class);
    }

    public Path folder(String id) {
        return records.folder(id);
    }

    public void save(RunRecord run) {
        records.save(run.id(), run);
    }

    /**
     * Marks the run as this process's own, for as long as the process lives.
     *
     * @return false where another process holds it
     */
    public boolean hold(String id) {
        return records.hold(id);
    }

    public void release(String id) {
        records.release(id);
    }

    /** The run as it is on disk. */
    public Optional<RunRecord> run(String id) {
        return records.find(id);
    }

    /** Folder of the run's checkpoints. */
    public Path checkpoints(String id) {
        return folder(id).resolve("checkpoints");
    }

    /** Takes away what a complete run does not need; what cannot go is named in the log. */
    public void deleteCheckpoints(String id) {
        try {
            RecordFolders.deleteTree(checkpoints(id));
        } catch (IOException e) {
            LOG.warnf("%s stays: %s", checkpoints(id), e.getMessage());
        }
    }

    /** Puts these in the place of all that was written of the run's metrics. */
    public void rewriteMetrics(String id, List<StepMetrics> steps) {
        Path file = metricsFile(id);
        try {
            var lines = new ByteArrayOutputStream();
            for (StepMetrics step : steps) {
                lines.writeBytes((json.writeValueAsString(step) + "\n").getBytes(UTF_8));
            }
            AtomicFile.write(folder(id), file.getFileName().toString(), lines.toByteArray());
        } catch (IOException e) {
            throw RecordFolders.unwritable(file, e);
        }
    }

    /** Adds a line to the run's metrics. */
    public void append(String id, StepMetrics step) {
        Path file = metricsFile(id);
        try {
            Files.writeString(
                    file,
                    json.writeValueAsString(step) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw RecordFolders.unwritable(file, e);
        }
    }

    /** All runs that can be read; the others are named in the log and left alone. */
    public List<RunRecord> runs() {
        return records.all();
    }

    /** Steps so far; a last line that a crash cut off is left out. */
    public List<StepMetrics> metrics(String id) {
        Path file = metricsFile(id);
        var steps = new ArrayList<StepMetrics>();
        if (!Files.isRegularFile(file)) {
            return steps;
        }
        try {
            for (String line : Files.readAllLines(file)) {
                steps.add(json.readValue(line, StepMetrics.class));
            }
        } catch (IOException e) {
            LOG.warnf("%s ends after step %d: %s", file, steps.size(), e.getMessage());
        }
        return steps;
    }

    private Path metricsFile(String id) {
        return folder(id).resolve("metrics.jsonl");
    }
}
