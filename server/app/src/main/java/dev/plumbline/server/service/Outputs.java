package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Folders that runs write to. */
final class Outputs {
    private Outputs() {}

    static void create(Path output) {
        try {
            Files.createDirectories(output);
            if (!Files.isWritable(output)) {
                throw unwritable(output, "it is not writable");
            }
        } catch (IOException e) {
            throw unwritable(output, String.valueOf(e.getMessage())).causedBy(e);
        }
    }

    private static PlumblineException unwritable(Path output, String why) {
        return new PlumblineException(
                ErrorCode.INVALID_ARGUMENT,
                "OUTPUT_UNWRITABLE",
                "cannot write to the output folder %s (%s): give another spec.output"
                        .formatted(output, why),
                Map.of("path", output.toString(), "field", "spec.output"));
    }
}
