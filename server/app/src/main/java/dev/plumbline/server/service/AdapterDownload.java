package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.store.AdapterRecord;
import dev.plumbline.server.store.AdapterRecord.StoredFile;
import dev.plumbline.server.store.AdapterStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The files of one version of an adapter, all open from the beginning, so that another version may
 * take its place meanwhile.
 */
public final class AdapterDownload implements AutoCloseable {
    private static final int CHUNK = 1 << 20;

    private final Map<StoredFile, InputStream> files = new LinkedHashMap<>();

    private AdapterDownload() {}

    static AdapterDownload open(AdapterRecord adapter, AdapterStore store) {
        if (adapter.isTemporary()) {
            throw new PlumblineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "ADAPTER_TEMPORARY",
                    "%s is temporary, the server keeps no files of it: its folder is %s"
                            .formatted(adapter.name(), adapter.source()),
                    Map.of("adapter", adapter.name(), "field", "name"));
        }
        Path folder = store.files(adapter);
        var download = new AdapterDownload();
        for (StoredFile file : adapter.files()) {
            try {
                download.files.put(file, Files.newInputStream(folder.resolve(file.name())));
            } catch (IOException e) {
                download.close();
                throw gone(adapter, folder.resolve(file.name()), e);
            }
        }
        return download;
    }

    private static PlumblineException gone(AdapterRecord adapter, Path file, IOException cause) {
        return new PlumblineException(
                        ErrorCode.DATA_LOSS,
                        "ADAPTER_FILES_MISSING",
                        "%s of %s cannot be read: delete the adapter, and load or upload it again"
                                .formatted(file, adapter.name()),
                        Map.of("adapter", adapter.name(), "file", file.toString()))
                .causedBy(cause);
    }

    /** Hands on each file, and then its bytes piece by piece. */
    public void send(Consumer<StoredFile> begin, Consumer<byte[]> chunk) {
        files.forEach((file, in) -> {
            begin.accept(file);
            try {
                for (byte[] piece = in.readNBytes(CHUNK);
                        piece.length > 0;
                        piece = in.readNBytes(CHUNK)) {
                    chunk.accept(piece);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @Override
    public void close() {
        for (InputStream in : files.values()) {
            try {
                in.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
