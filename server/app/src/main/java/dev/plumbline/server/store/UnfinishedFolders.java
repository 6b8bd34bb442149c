package dev.plumbline.server.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** Folders in the making, among finished ones: each held by the process that makes it. */
final class UnfinishedFolders {
    private static final Logger LOG = Logger.getLogger(UnfinishedFolders.class);
    private static final String PREFIX = ".unfinished-";

    private final Path root;
    private final RecordFolders<?> records;

    /**
     * @param root folder of the records
     */
    UnfinishedFolders(Path root, RecordFolders<?> records) {
        this.root = root;
        this.records = records;
    }

    /** What the records know one by. */
    static String id(String unfinished) {
        return PREFIX + unfinished;
    }

    Path folder(String unfinished) {
        return records.folder(id(unfinished));
    }

    /**
     * Makes a folder, this process's own.
     *
     * @param folder {@link #folder}, or one in it
     */
    Path begin(String unfinished, Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw RecordFolders.unwritable(folder, e);
        }
        records.hold(id(unfinished));
        return folder;
    }

    /** Takes away what was begun. */
    void discard(String unfinished) {
        records.release(id(unfinished));
        try {
            RecordFolders.deleteTree(folder(unfinished));
        } catch (IOException e) {
            LOG.warnf("%s stays: %s", folder(unfinished), e.getMessage());
        }
    }

    /** Takes away what processes left that died. */
    void sweep() {
        if (!Files.isDirectory(root)) {
            return;
        }
        List<String> left;
        try (Stream<Path> folders = Files.list(root)) {
            left =
                    folders.map(folder -> String.valueOf(folder.getFileName()))
                            .filter(name -> name.startsWith(PREFIX))
                            .toList();
        } catch (IOException e) {
            LOG.warnf("Cannot list %s: %s", root, e.getMessage());
            return;
        }
        for (String name : left) {
            if (records.hold(name)) {
                discard(name.substring(PREFIX.length()));
            }
        }
    }
}
