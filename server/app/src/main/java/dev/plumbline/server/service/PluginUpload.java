package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.plugin.PluginChange;
import dev.plumbline.server.plugin.PluginHost;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A plugin that a client brings: a path of the server's, or a jar piece by piece. */
public final class PluginUpload {
    private static final int LARGEST = 64 << 20;

    private final ByteArrayOutputStream jar = new ByteArrayOutputStream();
    private @Nullable String path;

    /** The jar lies on the server's disk. */
    public void path(String given) {
        requireOne(path == null && jar.size() == 0);
        path = given;
    }

    /** The next piece of the jar. */
    public void chunk(byte[] piece) {
        requireOne(path == null);
        if (jar.size() + (long) piece.length > LARGEST) {
            throw PlumblineException.invalid(
                    "chunk",
                    "PLUGIN_TOO_LARGE",
                    "the jar has more than %d bytes: put it on the server's disk and send its path"
                            .formatted(LARGEST),
                    Map.of("limit", Integer.toString(LARGEST)));
        }
        jar.writeBytes(piece);
    }

    private static void requireOne(boolean one) {
        if (!one) {
            throw PlumblineException.invalid(
                    "content", "CONTENT_TWICE", "send one path, or the pieces of one jar");
        }
    }

    /**
     * Installs what was brought.
     *
     * @throws PlumblineException what is wrong with it
     */
    public PluginChange install(PluginHost plugins) {
        if (path != null) {
            return plugins.install(Paths.of(path, "path"), path);
        }
        if (jar.size() == 0) {
            throw PlumblineException.invalid(
                    "content", "FIELD_MISSING", "send a path, or the pieces of a jar");
        }
        try {
            Path file = Files.createTempFile("plumbline-plugin", ".jar");
            try {
                Files.write(file, jar.toByteArray());
                return plugins.install(file, "the jar sent");
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new PlumblineException(
                            ErrorCode.FAILED_PRECONDITION,
                            "FILE_NOT_WRITABLE",
                            "the jar cannot be kept: " + e,
                            Map.of())
                    .causedBy(e);
        }
    }
}
