package dev.plumbline.server.store;

import dev.plumbline.engine.select.PoolFile;
import dev.plumbline.server.config.Folders;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Pools on disk, {@code pools/<id>/}; {@code resource.json} there is the server's own. */
@Singleton
public final class PoolStore {
    private final RecordFolders<PoolOrigin> records;

    @Inject
    public PoolStore(Folders folders) {
        this(folders.pools());
    }

    public PoolStore(Path root) {
        this.records = new RecordFolders<>(root, "resource.json", PoolOrigin.class);
    }

    public Path folder(String id) {
        return records.folder(id);
    }

    public void save(PoolOrigin origin) {
        records.save(origin.id(), origin);
    }

    /** A pool, whole or in the making. */
    public Optional<PoolOrigin> origin(String id) {
        return records.find(id);
    }

    /** A whole pool. */
    public Optional<PoolRecord> pool(String id) {
        return records.find(id).flatMap(this::whole);
    }

    /** All whole pools. */
    public List<PoolRecord> pools() {
        return records.all().stream().map(this::whole).flatMap(Optional::stream).toList();
    }

    public void delete(String id) {
        records.delete(id);
    }

    private Optional<PoolRecord> whole(PoolOrigin origin) {
        return PoolFile.read(folder(origin.id())).map(facts -> new PoolRecord(origin, facts));
    }
}
