package dev.plumbline.server.store;

import dev.plumbline.engine.data.WholeFile;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.config.Folders;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Data sets on disk: {@code datasets/<id>/dataset.json}, and beside it the rows and pictures of
 * those that clients sent. A folder is made under another name and appears as a whole.
 */
@Singleton
public final class DatasetStore {
    private static final String ROWS = "rows.jsonl";

    private final RecordFolders<DatasetRecord> records;
    private final UnfinishedFolders unfinished;

    @Inject
    public DatasetStore(Folders folders) {
        this(folders.datasets());
    }

    public DatasetStore(Path root) {
        this.records = new RecordFolders<>(root, "dataset.json", DatasetRecord.class);
        this.unfinished = new UnfinishedFolders(root, records);
    }

    /** Where the rows of a data set lie that clients sent. */
    public Path rows(String id) {
        return records.folder(id).resolve(ROWS);
    }

    /** A folder for a data set in the making, this process's own. */
    public Path begin(String name) {
        return unfinished.begin(name, unfinished.folder(name));
    }

    /** Takes away what was begun and not published. */
    public void discard(String name) {
        unfinished.discard(name);
    }

    /**
     * Gives what was begun its name.
     *
     * @throws PlumblineException {@code DATASET_EXISTS}
     */
    public void publish(String name, DatasetRecord dataset) {
        records.save(UnfinishedFolders.id(name), dataset);
        Path folder = records.folder(dataset.id());
        try {
            if (!WholeFile.place(unfinished.folder(name), folder)) {
                throw exists(dataset.name());
            }
        } catch (IOException e) {
            throw RecordFolders.unwritable(folder, e);
        }
        records.release(UnfinishedFolders.id(name));
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
        unfinished.sweep();
    }
}
