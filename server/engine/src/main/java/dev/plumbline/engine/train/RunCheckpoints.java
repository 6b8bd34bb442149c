package dev.plumbline.engine.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A run's checkpoints, a file each, named by the steps that are behind it. Two are kept: should the
 * newest be damaged, the run goes on from the one before.
 */
final class RunCheckpoints {
    private static final int KEPT = 2;
    private static final Pattern NAME = Pattern.compile("step-\\d{8}\\.safetensors");

    private final Path folder;

    /** Makes the folder if there is none, and clears what a crash left of half-written files. */
    RunCheckpoints(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
            for (Path file : files()) {
                if (file.getFileName().toString().endsWith(".tmp")) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw unusable(folder, e);
        }
    }

    /**
     * What a run can go on from.
     *
     * @param notes what people should know: which newer ones are damaged, and why
     */
    record Found(Optional<RunCheckpoint> checkpoint, List<String> notes) {}

    /** The newest whole one; damaged ones are put aside under another name. */
    Found newest() {
        List<String> notes = new ArrayList<>();
        try {
            for (Path file : sorted()) {
                try {
                    return new Found(Optional.of(RunCheckpoint.read(file)), notes);
                } catch (PlumblineException e) {
                    if (e.code() != ErrorCode.DATA_LOSS) {
                        throw e;
                    }
                    notes.add(e.getMessage());
                    Files.move(file, file.resolveSibling(file.getFileName() + ".damaged"));
                }
            }
        } catch (IOException e) {
            throw unusable(folder, e);
        }
        return new Found(Optional.empty(), notes);
    }

    /**
     * Writes one, then removes all but the newest two.
     *
     * @param steps that are behind it
     */
    void save(int steps, ObjectNode state, Map<String, float[]> arrays) {
        RunCheckpoint.write(
                folder.resolve("step-%08d.safetensors".formatted(steps)), state, arrays);
        try {
            List<Path> all = sorted();
            for (Path old : all.subList(Math.min(KEPT, all.size()), all.size())) {
                Files.delete(old);
            }
        } catch (IOException e) {
            throw unusable(folder, e);
        }
    }

    /** The newest first. */
    private List<Path> sorted() throws IOException {
        return files().stream()
                .filter(file -> NAME.matcher(file.getFileName().toString()).matches())
                .sorted(Comparator.reverseOrder())
                .toList();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static PlumblineException unusable(Path folder, IOException cause) {
        return new PlumblineException(
                        ErrorCode.FAILED_PRECONDITION,
                        "FILE_UNWRITABLE",
                        "the folder of checkpoints %s cannot be used (%s); check its permissions and the disk"
                                .formatted(folder, cause),
                        Map.of("file", folder.toString()))
                .causedBy(cause);
    }
}
