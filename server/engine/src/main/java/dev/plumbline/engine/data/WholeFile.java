package dev.plumbline.engine.data;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.UUID;

/** Files and folders that appear as a whole or not at all. */
public final class WholeFile {
    private WholeFile() {}

    /** Writes what is to be in a file. */
    @FunctionalInterface
    public interface Content {
        /**
         * @param file that does not exist yet
         */
        void write(Path file) throws IOException;
    }

    /**
     * Writes a file, or another in its place; its folder must be there.
     *
     * @throws PlumblineException {@code FILE_NOT_WRITABLE}; what was there before stays
     */
    public static void write(Path file, Content content) {
        Path temporary = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID());
        try {
            try {
                content.write(temporary);
                Files.move(
                        temporary,
                        file,
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    /** The same where the folder may be missing, which is then made. */
    public static void writeInNewFolder(Path file, Content content) {
        Path parent = file.toAbsolutePath().getParent();
        try {
            if (parent != null) {
                Files.createDirectories(parent);
            }
        } catch (IOException e) {
            throw unwritable(file, e);
        }
        write(file, content);
    }

    /**
     * Gives a folder its name, unless a folder has it.
     *
     * @return whether it is now there; else it is where it was
     */
    public static boolean place(Path folder, Path name) throws IOException {
        try {
            Files.move(folder, name, StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (FileSystemException e) {
            // Java has no exception of its own for an atomic move to a folder that is not empty.
            if (Files.isDirectory(name) && Files.isDirectory(folder)) {
                return false;
            }
            throw e;
        }
    }

    static PlumblineException unwritable(Path file, Exception cause) {
        return new PlumblineException(
                        ErrorCode.FAILED_PRECONDITION,
                        "FILE_NOT_WRITABLE",
                        "cannot write " + file + ": " + cause.getMessage(),
                        Map.of("file", file.toString()))
                .causedBy(cause);
    }
}
