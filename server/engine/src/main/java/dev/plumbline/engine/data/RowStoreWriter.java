package dev.plumbline.engine.data;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.checkpoint.Sha256;
import dev.plumbline.engine.data.PreferenceExample.Place;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/** Writes a {@link RowStore} row by row. */
final class RowStoreWriter implements AutoCloseable {
    private final Path folder;
    private final OutputStream rows;
    private final DataOutputStream ends;
    private final OutputStream unusable;
    private final MessageDigest digest = Sha256.start();
    private long end;
    private long count;
    private long unusableCount;
    private boolean mayChange;

    RowStoreWriter(Path folder) throws IOException {
        this.folder = folder;
        this.rows = out(RowStore.ROWS);
        this.ends = new DataOutputStream(out(RowStore.ENDS));
        this.unusable = out(RowStore.UNUSABLE);
    }

    private OutputStream out(String name) throws IOException {
        return new BufferedOutputStream(Files.newOutputStream(folder.resolve(name)));
    }

    void add(Place place, ObjectNode row) {
        try {
            byte[] line = StoredRows.line(place, row);
            rows.write(line);
            digest.update(line);
            end += line.length;
            ends.writeLong(end);
            count++;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void add(UnusableRow row) {
        try {
            unusable.write(UnusableRows.line(row).getBytes(StandardCharsets.UTF_8));
            unusableCount++;
            mayChange |= row.mayChange();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long count() {
        return count + unusableCount;
    }

    /** Writes the head; the store is whole from then on. */
    void finish(DataFormat format) throws IOException {
        close();
        ObjectNode head = RowStore.head(format, unusableCount, mayChange, Sha256.hex(digest));
        Files.writeString(folder.resolve(RowStore.HEAD), head.toString());
    }

    @Override
    public void close() throws IOException {
        try (rows;
                ends;
                unusable) {
            rows.flush();
        }
    }
}
