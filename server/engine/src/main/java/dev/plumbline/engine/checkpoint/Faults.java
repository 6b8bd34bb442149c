package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The failures that several classes of this package share. */
final class Faults {
    private Faults() {}

    /** A file whose contents contradict its own format. */
    static PlumblineException damaged(Path file, String what) {
        return new PlumblineException(
                ErrorCode.DATA_LOSS,
                "SAFETENSORS_INVALID",
                "%s is not a sound safetensors file: %s; fetch it again".formatted(file, what),
                Map.of("file", file.toString()));
    }

    /** The same for one tensor of the file. */
    static PlumblineException damaged(Path file, String tensor, String what) {
        return new PlumblineException(
                ErrorCode.DATA_LOSS,
                "SAFETENSORS_INVALID",
                "%s is not a sound safetensors file: tensor %s: %s; fetch it again"
                        .formatted(file, tensor, what),
                Map.of("file", file.toString(), "tensor", tensor));
    }

    /** A file that is there and readable but not what it has to be. */
    static PlumblineException unusable(Path file, String reason, String message) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION, reason, message, Map.of("file", file.toString()));
    }

    static PlumblineException unreadable(Path file, IOException cause) {
        return unusable(
                        file,
                        "FILE_UNREADABLE",
                        "%s cannot be read (%s); check the file and its permissions"
                                .formatted(file, cause))
                .causedBy(cause);
    }

    static PlumblineException diskFull(Path file, long needed, long free) {
        return new PlumblineException(
                ErrorCode.RESOURCE_EXHAUSTED,
                "DISK_FULL",
                "%s needs %d bytes, the disk has %d free; make room or move the cache"
                        .formatted(file, needed, free),
                Map.of(
                        "file", file.toString(),
                        "needed_bytes", Long.toString(needed),
                        "free_bytes", Long.toString(free)));
    }

    /** A write that failed: a full disk is told apart by the space that is left. */
    static PlumblineException unwritable(Path file, long bytes, IOException cause) {
        String text = String.valueOf(cause.getMessage());
        if (text.contains("No space left") || text.contains("quota exceeded")) {
            return diskFull(file, bytes, freeBytes(file)).causedBy(cause);
        }
        return unusable(
                        file,
                        "FILE_UNWRITABLE",
                        "%s cannot be written (%s); check the folder and its permissions"
                                .formatted(file, cause))
                .causedBy(cause);
    }

    /** Space left for us where the file is or will be; 0 if even that cannot be told. */
    static long freeBytes(Path file) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            return Files.getFileStore(folder == null ? file : folder).getUsableSpace();
        } catch (IOException e) {
            return 0;
        }
    }
}
