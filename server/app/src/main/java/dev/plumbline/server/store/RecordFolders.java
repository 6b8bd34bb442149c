package dev.plumbline.server.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Records that outlive the process, a folder each: {@code <root>/<id>/<file>}, written atomically,
 * and a lock beside it.
 *
 * @param <T> what is written as JSON
 */
final class RecordFolders<T> {
    private static final Logger LOG = Logger.getLogger(RecordFolders.class);

    private final Path root;
    private final String file;
    private final Class<T> type;
    private final ObjectMapper json = StoreJson.mapper();
    private final ObjectWriter pretty = json.writerWithDefaultPrettyPrinter();
    private final FolderLocks locks = new FolderLocks();

    RecordFolders(Path root, String file, Class<T> type) {
        this.root = root;
        this.file = file;
        this.type = type;
    }

    Path folder(String id) {
        return root.resolve(id);
    }

    void save(String id, T value) {
        try {
            AtomicFile.write(folder(id), file, pretty.writeValueAsBytes(value));
        } catch (IOException e) {
            throw unwritable(folder(id).resolve(file), e);
        }
    }

    /** The record as it is on disk. */
    Optional<T> find(String id) {
        Path path = folder(id).resolve(file);
        return Files.isRegularFile(path) ? read(path) : Optional.empty();
    }

    /** All records that can be read; the others are named in the log and left alone. */
    List<T> all() {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(root)) {
            return folders.map(folder -> folder.resolve(file))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .map(this::read)
                    .flatMap(Optional::stream)
                    .toList();
        } catch (IOException e) {
            throw new PlumblineException(
                            ErrorCode.FAILED_PRECONDITION,
                            "FOLDER_UNREADABLE",
                            "cannot list %s: %s".formatted(root, e.getMessage()),
                            Map.of("folder", root.toString()))
                    .causedBy(e);
        }
    }

    /**
     * Takes the folder away; the record goes first, so that none is left with half of its files.
     */
    void delete(String id) {
        Path folder = folder(id);
        try {
            Files.deleteIfExists(folder.resolve(file));
            deleteTree(folder);
        } catch (IOException e) {
            throw unwritable(folder, e);
        }
    }

    static void deleteTree(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> files;
        try (Stream<Path> tree = Files.walk(folder)) {
            files = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : files) {
            Files.deleteIfExists(path);
        }
    }

    /**
     * Marks the record as this process's own, for as long as the process lives.
     *
     * @return false where another process holds it
     */
    boolean hold(String id) {
        return locks.take(id, folder(id).resolve("lock"));
    }

    void release(String id) {
        locks.giveBack(id);
    }

    private Optional<T> read(Path path) {
        try {
            return Optional.of(json.readValue(path.toFile(), type));
        } catch (IOException e) {
            LOG.warnf("%s cannot be read and is left out: %s", path, e.getMessage());
            return Optional.empty();
        }
    }

    static PlumblineException unwritable(Path file, IOException cause) {
        return new PlumblineException(
                        ErrorCode.RESOURCE_EXHAUSTED,
                        "FILE_NOT_WRITABLE",
                        "cannot write %s (%s): check the disk's space and the folder's permissions"
                                .formatted(file, cause.getMessage()),
                        Map.of("file", file.toString()))
                .causedBy(cause);
    }
}
