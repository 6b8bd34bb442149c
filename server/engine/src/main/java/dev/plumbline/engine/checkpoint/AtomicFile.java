package dev.plumbline.engine.checkpoint;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A file that is either there whole or not at all: written under another name in the same folder,
 * forced to disk, then renamed. Closed before {@link #commit}, nothing remains of it.
 */
public final class AtomicFile implements AutoCloseable {
    private static final Logger LOG = System.getLogger(AtomicFile.class.getName());
    private static final String SUFFIX = ".tmp";

    /** Tests that kill a process while it writes set it, to have the time; else nothing waits. */
    private static final int HELD_MILLIS = Integer.getInteger("plumbline.test.hold.millis", 0);

    private final Path target;
    private final Path temporary;
    private final FileChannel channel;

    private AtomicFile(Path target, Path temporary, FileChannel channel) {
        this.target = target;
        this.temporary = temporary;
        this.channel = channel;
    }

    public static AtomicFile create(Path target) throws IOException {
        Path absolute = target.toAbsolutePath();
        Path folder = folder(absolute);
        Files.createDirectories(folder);
        Path temporary = folder.resolve(prefix(absolute) + UUID.randomUUID() + SUFFIX);
        FileChannel channel =
                FileChannel.open(
                        temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        hold("write", absolute);
        return new AtomicFile(absolute, temporary, channel);
    }

    public static void write(Path target, byte[] bytes) throws IOException {
        try (AtomicFile file = create(target)) {
            file.append(ByteBuffer.wrap(bytes));
            file.commit();
        }
    }

    /** Removes what a crash left behind of earlier tries to write this file. */
    public static void cleanLeftovers(Path target) throws IOException {
        Path absolute = target.toAbsolutePath();
        String prefix = prefix(absolute);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder(absolute))) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.startsWith(prefix) && name.endsWith(SUFFIX)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    public void append(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Writes at a position, from any thread, and leaves alone where {@link #append} goes on. */
    void write(ByteBuffer bytes, long position) throws IOException {
        for (long at = position; bytes.hasRemaining(); ) {
            at += channel.write(bytes, at);
        }
    }

    public void commit() throws IOException {
        hold("fsync", target);
        channel.force(true);
        channel.close();
        hold("rename", target);
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        // The rename itself is on disk only once the folder is.
        try (FileChannel folder = FileChannel.open(folder(target), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(temporary);
    }

    private static void hold(String phase, Path target) {
        if (HELD_MILLIS > 0) {
            LOG.log(Level.INFO, "before {0} {1}", phase, target.getFileName());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(HELD_MILLIS));
        }
    }

    private static Path folder(Path absolute) {
        Path folder = absolute.getParent();
        if (folder == null) {
            throw new IllegalArgumentException(absolute + " is not a file");
        }
        return folder;
    }

    private static String prefix(Path absolute) {
        return "." + absolute.getFileName() + ".";
    }
}
