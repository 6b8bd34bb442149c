package dev.plumbline.engine.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceExample.Place;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * Rows on disk as a list: each is read when it is asked for. In memory are eight bytes a row. The
 * file stays open until the list is garbage, so that it may be taken away meanwhile.
 */
final class StoredRows extends AbstractList<PreferenceExample> implements RandomAccess {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final FileChannel file;
    private final long[] ends;

    /**
     * @param ends where each row ends in the file
     */
    StoredRows(FileChannel file, long[] ends) {
        this.file = file;
        this.ends = ends;
    }

    /** A row as it is stored. */
    static byte[] line(Place place, ObjectNode row) throws IOException {
        ObjectNode stored =
                JSON.createObjectNode()
                        .put("file", place.file().toString())
                        .put("unit", place.unit())
                        .put("line", place.line());
        stored.set("row", row);
        return (JSON.writeValueAsString(stored) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads a row.
     *
     * @throws dev.plumbline.engine.error.PlumblineException {@code IMAGE_NOT_FOUND} where its
     *     picture has gone since
     */
    @Override
    public PreferenceExample get(int index) {
        Objects.checkIndex(index, ends.length);
        try {
            JsonNode stored = JSON.readTree(bytes(index));
            var place =
                    new Place(
                            Path.of(stored.path("file").asText()),
                            stored.path("line").asInt(),
                            stored.path("unit").asText());
            return PreferenceRows.row(place, (ObjectNode) stored.path("row"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] bytes(int index) throws IOException {
        long start = index == 0 ? 0 : ends[index - 1];
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(ends[index] - start));
        while (bytes.hasRemaining()) {
            if (file.read(bytes, start + bytes.position()) < 0) {
                throw new EOFException("row " + index + " of the stored rows is cut off");
            }
        }
        return bytes.array();
    }

    @Override
    public int size() {
        return ends.length;
    }
}
