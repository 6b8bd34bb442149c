package dev.plumbline.server.service;

import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Paths that clients give, on the server's own disk. */
final class Paths {
    private Paths() {}

    /** Whether both are one folder, whatever links lead to it. */
    static boolean same(Path one, Path other) {
        try {
            return Files.isSameFile(one, other);
        } catch (IOException e) {
            return false;
        }
    }

    /** Absolute and without dots; symbolic links stay. */
    static Path of(String path, String field) {
        if (path.isBlank()) {
            throw PlumblineException.invalid(field, "FIELD_MISSING", field + " must be given");
        }
        try {
            return Path.of(path).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw PlumblineException.invalid(
                            field, "PATH_INVALID", field + " is not a path: " + e.getReason())
                    .causedBy(e);
        }
    }
}
