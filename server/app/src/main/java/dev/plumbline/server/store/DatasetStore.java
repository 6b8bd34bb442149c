package dev.plumbline.server.store;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.config.Folders;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Data sets on disk: {@code datasets/<id>/dataset.json}, and beside it the rows and pictures of
 * those that clients sent. A folder is made under another name and appears as a whole.
 */
@Singleton
public final class DatasetStore {
    private static final Logger LOG = Logger.getLogger(DatasetStore.class);
    private static final String UNFINISHED = ".unfinished-";
    private static final String ROWS = "rows.jsonl";

    private final Path root;
    private final RecordFolders<DatasetRecord> records;

    @Inject
    public DatasetStore(Folders folders) {
        this(folders.datasets());
    }

    public DatasetStore(Path root) {
        this.root = root;
        this.records = new RecordFolders<>(root, "dataset.json", DatasetRecord.class);
    }

    /** Where the rows of a data set lie that clients sent. */
    public Path rows(String id) {
        return records.folder(id).resolve(ROWS);
    }

    /** A folder for a data set in the making, this process's own. */
    public Path begin(String unfinished) {
        Path folder = records.folder(UNFINISHED + unfinished);
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw RecordFolders.unwritable(folder, e);
        }
        records.hold(UNFINISHED + unfinished);
        return folder;
    }

    /** Takes away what was begun and not published. */
    public void discard(String unfinished) {
        records.release(UNFINISHED + unfinished);
        try {
            RecordFolders.deleteTree(records.folder(UNFINISHED + unfinished));
        } catch (IOException e) {
            LOG.warnf("%s stays: %s", records.folder(UNFINISHED + unfinished), e.getMessage());
        }
    }

    /**
     * Gives what was begun its name.
     *
     * @throws PlumblineException {@code DATASET_EXISTS}
     */
    public void publish(String unfinished, DatasetRecord dataset) {
        records.save(UNFINISHED + unfinished, dataset);
        Path folder = records.folder(dataset.id());
        try {
            Files.move(
                    records.folder(UNFINISHED + unfinished),
                    folder,
                    StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
            throw exists(dataset.name()).causedBy(e);
        } catch (IOException e) {
            throw RecordFolders.unwritable(folder, e);
        }
        records.release(UNFINISHED + unfinished);
    }

    /** What is told of a name that is taken. */
    public static PlumblineException exists(String name) {
        return new PlumblineException(
                ErrorCode.ALREADY_EXISTS,
                "DATASET_EXISTS",
                "%s exists: give another dataset_id, or delete it first".formatted(name),
                Map.of("dataset", name, "field", "start.dataset_id"));
    }

    public Optional<DatasetRecord> dataset(String id) {
        return records.find(id);
    }

    /** All data sets that can be read. */
    public List<DatasetRecord> datasets() {
        return records.all().stream().filter(dataset -> !dataset.id().startsWith(".")).toList();
    }

    public void delete(String id) {
        records.delete(id);
    }

    /** Takes away what processes left that died. */
    public void sweep() {
        if (!Files.isDirectory(root)) {
            return;
        }
        List<String> left;
        try (Stream<Path> folders = Files.list(root)) {
            left =
                    folders.map(folder -> String.valueOf(folder.getFileName()))
                            .filter(name -> name.startsWith(UNFINISHED))
                            .toList();
        } catch (IOException e) {
            LOG.warnf("Cannot list %s: %s", root, e.getMessage());
            return;
        }
        for (String name : left) {
            if (records.hold(name)) {
                discard(name.substring(UNFINISHED.length()));
            }
        }
    }
}
