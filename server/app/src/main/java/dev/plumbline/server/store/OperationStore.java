package dev.plumbline.server.store;

import dev.plumbline.server.config.Folders;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Operations on disk: {@code operations/<id>/operation.json}, written atomically. */
@Singleton
public final class OperationStore {
    private final RecordFolders<OperationRecord> records;

    @Inject
    public OperationStore(Folders folders) {
        this(folders.operations());
    }

    public OperationStore(Path root) {
        this.records = new RecordFolders<>(root, "operation.json", OperationRecord.class);
    }

    /** Where the operation may keep what it needs to go on. */
    public Path folder(String id) {
        return records.folder(id);
    }

    public void save(OperationRecord operation) {
        records.save(operation.id(), operation);
    }

    /**
     * Marks the operation as this process's own, for as long as the process lives.
     *
     * @return false where another process holds it
     */
    public boolean hold(String id) {
        return records.hold(id);
    }

    public void release(String id) {
        records.release(id);
    }

    public void delete(String id) {
        records.delete(id);
    }

    /** The operation as it is on disk. */
    public Optional<OperationRecord> operation(String id) {
        return records.find(id);
    }

    /** All operations that can be read; the others are named in the log and left alone. */
    public List<OperationRecord> operations() {
        return records.all();
    }
}
