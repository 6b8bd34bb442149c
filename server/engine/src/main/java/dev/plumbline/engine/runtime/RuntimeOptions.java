package dev.plumbline.engine.runtime;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How to start ONNX Runtime.
 *
 * @param threads of the one pool that all sessions share, the calling thread included
 * @param library a {@code libonnxruntime} to use in place of the jar's own
 * @param nativeFolder where the jar's library is unpacked, once for all processes; made if missing
 */
public record RuntimeOptions(int threads, Optional<Path> library, Path nativeFolder) {
    public RuntimeOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, not " + threads);
        }
    }
}
