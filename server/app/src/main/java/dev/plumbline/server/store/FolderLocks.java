package dev.plumbline.server.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.jboss.logging.Logger;

/** File locks, which the system lets go when the process dies, however it dies. */
final class FolderLocks {
    private static final Logger LOG = Logger.getLogger(FolderLocks.class);

    private final Map<String, FileChannel> held = new HashMap<>();

    synchronized boolean take(String id, Path file) {
        try {
            FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (locked(channel)) {
                held.put(id, channel);
                return true;
            }
            channel.close();
            return false;
        } catch (IOException e) {
            LOG.warnf("Cannot lock %s: %s", file, e.getMessage());
            return true;
        }
    }

    synchronized void giveBack(String id) {
        try (FileChannel channel = held.remove(id)) {
            LOG.tracef("%s gives %s back", id, channel);
        } catch (IOException e) {
            LOG.warnf("Cannot unlock %s: %s", id, e.getMessage());
        }
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }
}
