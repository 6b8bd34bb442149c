package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Folders that requests write to. */
final class Outputs {
    private Outputs() {}

    /**
     * @param field of the request that named it
     */
    static void create(Path output, String field) {
        try {
            Files.createDirectories(output);
            if (!Files.isWritable(output)) {
                throw unwritable(output, field, "it is not writable");
            }
        } catch (IOException e) {
            throw unwritable(output, field, String.valueOf(e.getMessage())).causedBy(e);
        }
    }

    private static PlumblineException unwritable(Path output, String field, String why) {
        return new PlumblineException(
                ErrorCode.INVALID_ARGUMENT,
                "OUTPUT_UNWRITABLE",
                "cannot write to the output folder %s (%s): give another %s"
                        .formatted(output, why, field),
                Map.of("path", output.toString(), "field", field));
    }
}
