package dev.plumbline.server.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.train.StepMetrics;
import dev.plumbline.server.config.Folders;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** Runs on disk: {@code runs/<id>/run.json}, written atomically, and {@code metrics.jsonl}. */
@Singleton
public final class RunStore {
    private static final Logger LOG = Logger.getLogger(RunStore.class);

    private final Path root;
    private final ObjectMapper json = StoreJson.mapper();
    private final ObjectWriter pretty = json.writerWithDefaultPrettyPrinter();
    private final RunLocks locks = new RunLocks();

    @Inject
    public RunStore(Folders folders) {
        this(folders.runs());
    }

    public RunStore(Path root) {
        this.root = root;
    }

    public Path folder(String id) {
        return root.resolve(id);
    }

    public void save(RunRecord run) {
        Path file = folder(run.id()).resolve("run.json");
        try {
            AtomicFile.write(folder(run.id()), "run.json", pretty.writeValueAsBytes(run));
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    /**
     * Marks the run as this process's own, for as long as the process lives.
     *
     * @return false where another process holds it
     */
    public boolean hold(String id) {
        return locks.take(id, folder(id).resolve("lock"));
    }

    public void release(String id) {
        locks.giveBack(id);
    }

    /** The run as it is on disk. */
    public Optional<RunRecord> run(String id) {
        Path file = folder(id).resolve("run.json");
        return Files.isRegularFile(file) ? read(file) : Optional.empty();
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
            throw unwritable(file, e);
        }
    }

    /** All runs that can be read; the others are named in the log and left alone. */
    public List<RunRecord> runs() {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(root)) {
            return folders.map(f -> f.resolve("run.json"))
                    .filter(Files::isRegularFile)
                    .map(this::read)
                    .flatMap(Optional::stream)
                    .toList();
        } catch (IOException e) {
            throw new PlumblineException(
                            ErrorCode.FAILED_PRECONDITION,
                            "RUNS_UNREADABLE",
                            "cannot list %s: %s".formatted(root, e.getMessage()),
                            Map.of("folder", root.toString()))
                    .causedBy(e);
        }
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

    private Optional<RunRecord> read(Path file) {
        try {
            return Optional.of(json.readValue(file.toFile(), RunRecord.class));
        } catch (IOException e) {
            LOG.warnf("%s is not a run and is left out: %s", file, e.getMessage());
            return Optional.empty();
        }
    }

    private Path metricsFile(String id) {
        return folder(id).resolve("metrics.jsonl");
    }

    private static PlumblineException unwritable(Path file, IOException cause) {
        return new PlumblineException(
                        ErrorCode.RESOURCE_EXHAUSTED,
                        "RUN_UNWRITABLE",
                        "cannot write %s (%s): check the disk's space and the folder's permissions"
                                .formatted(file, cause.getMessage()),
                        Map.of("file", file.toString()))
                .causedBy(cause);
    }
}
