package dev.plumbline.server.store;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.config.Folders;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Adapters on disk: {@code adapters/<id>/adapter.json}, which names the version that counts, and
 * {@code adapters/<id>/<version>}, its PEFT folder. A version is made elsewhere and moved here as a
 * whole before the record names it, so that there is always one that counts and is whole.
 */
@Singleton
public final class AdapterStore {
    private static final Logger LOG = Logger.getLogger(AdapterStore.class);
    private static final String FILES = "files";

    private final RecordFolders<AdapterRecord> records;
    private final UnfinishedFolders unfinished;

    @Inject
    public AdapterStore(Folders folders) {
        this(folders.adapters());
    }

    public AdapterStore(Path root) {
        this.records = new RecordFolders<>(root, "adapter.json", AdapterRecord.class);
        this.unfinished = new UnfinishedFolders(root, records);
    }

    /** A folder for the files of a version in the making, this process's own. */
    public Path begin(String name) {
        return unfinished.begin(name, unfinishedFiles(name));
    }

    /** Takes away what was begun. */
    public void discard(String name) {
        unfinished.discard(name);
    }

    /**
     * Makes what was begun the version that counts; earlier ones go.
     *
     * @return the record with the version's folder
     */
    public synchronized AdapterRecord publish(String name, AdapterRecord adapter) {
        Path folder = records.folder(adapter.id());
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw RecordFolders.unwritable(folder, e);
        }
        if (!records.hold(adapter.id())) {
            throw new PlumblineException(
                    ErrorCode.ALREADY_EXISTS,
                    "ADAPTER_EXISTS",
                    "another process is writing %s: give another adapter_id, or try again"
                            .formatted(adapter.name()),
                    Map.of("adapter", adapter.name(), "field", "adapter_id"));
        }
        try {
            AdapterRecord published = adapter.in(move(name, folder));
            records.save(adapter.id(), published);
            tidy(published);
            return published;
        } finally {
            records.release(adapter.id());
        }
    }

    /** The name of the version that it is from now on. */
    private String move(String name, Path folder) {
        String version = UUID.randomUUID().toString();
        Path target = folder.resolve(version);
        try {
            Files.move(unfinishedFiles(name), target, StandardCopyOption.ATOMIC_MOVE);
            return version;
        } catch (IOException e) {
            throw RecordFolders.unwritable(target, e);
        }
    }

    private Path unfinishedFiles(String name) {
        return unfinished.folder(name).resolve(FILES);
    }

    /** Takes versions away that do not count. */
    private void tidy(AdapterRecord adapter) {
        try (Stream<Path> entries = Files.list(records.folder(adapter.id()))) {
            for (Path entry : entries.filter(Files::isDirectory).toList()) {
                if (!entry.endsWith(adapter.folder())) {
                    RecordFolders.deleteTree(entry);
                }
            }
        } catch (IOException e) {
            LOG.warnf("An old version of %s stays: %s", adapter.name(), e.getMessage());
        }
    }

    /** Changes what is told of a version that is there. */
    public synchronized void save(AdapterRecord adapter) {
        records.save(adapter.id(), adapter);
    }

    public Optional<AdapterRecord> adapter(String id) {
        return records.find(id).filter(a -> a.id().equals(id));
    }

    /** All adapters that can be read. */
    public List<AdapterRecord> adapters() {
        return records.all().stream().filter(a -> !a.id().startsWith(".")).toList();
    }

    /**
     * The PEFT folder of the version that counts.
     *
     * @throws PlumblineException {@code ADAPTER_FILES_MISSING}
     */
    public Path files(AdapterRecord adapter) {
        Path folder = records.folder(adapter.id()).resolve(adapter.folder());
        if (adapter.isTemporary() || !Files.isDirectory(folder)) {
            throw new PlumblineException(
                    ErrorCode.DATA_LOSS,
                    "ADAPTER_FILES_MISSING",
                    "the files of %s are gone from %s: delete it, and load or upload it again"
                            .formatted(adapter.name(), folder),
                    Map.of("adapter", adapter.name(), "folder", folder.toString()));
        }
        return folder;
    }

    public synchronized void delete(String id) {
        records.delete(id);
    }

    /** Takes away what processes left that died. */
    public void sweep() {
        unfinished.sweep();
    }
}
