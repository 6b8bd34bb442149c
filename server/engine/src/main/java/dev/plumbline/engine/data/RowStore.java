package dev.plumbline.engine.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Imported rows on disk: {@code rows.jsonl} in our layout, {@code ends} (where each ends in it,
 * eight bytes each), {@code unusable.jsonl}, and {@code store.json}, which is written last.
 */
final class RowStore {
    static final String ROWS = "rows.jsonl";
    static final String ENDS = "ends";
    static final String UNUSABLE = "unusable.jsonl";
    static final String HEAD = "store.json";

    static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final JsonNode head;

    private RowStore(Path folder, JsonNode head) {
        this.folder = folder;
        this.head = head;
    }

    /** What a finished import left; nothing where there is none, or it cannot be read. */
    static Optional<RowStore> find(Path folder) {
        Path head = folder.resolve(HEAD);
        if (!Files.isRegularFile(head)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new RowStore(folder, JSON.readTree(head.toFile())));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Whether it still holds: of a data set with bad pictures it may not. */
    boolean holds() {
        if (head.path("may_change").asBoolean(true)) {
            return false;
        }
        try {
            LineRows rows = rows();
            // The pictures that came as bytes may have been deleted.
            if (!rows.isEmpty()) {
                rows.getFirst();
                rows.getLast();
            }
            return true;
        } catch (IOException | PlumblineException e) {
            return false;
        }
    }

    PreferenceData read() throws IOException {
        return new PreferenceData(
                DataFormat.named(head.path("format").asText()).orElseThrow(),
                rows(),
                unusable(),
                head.path("digest").asText());
    }

    private LineRows rows() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(folder.resolve(ENDS)));
        long[] ends = new long[bytes.remaining() / Long.BYTES];
        bytes.asLongBuffer().get(ends);
        return new LineRows(open(ROWS), ends, (index, line) -> StoredRows.read(line));
    }

    private UnusableRows unusable() throws IOException {
        List<UnusableRow> first = new ArrayList<>();
        try (BufferedReader reader = Files.newBufferedReader(folder.resolve(UNUSABLE))) {
            String line = reader.readLine();
            while (line != null && first.size() < SkippedRows.TOLD) {
                first.add(JSON.readValue(line, UnusableRow.class));
                line = reader.readLine();
            }
        }
        long total = head.path("unusable").asLong();
        return UnusableRows.of(open(UNUSABLE), new SkippedRows(total, first));
    }

    private FileChannel open(String name) throws IOException {
        return FileChannel.open(folder.resolve(name), StandardOpenOption.READ);
    }

    /**
     * What stands in {@code store.json}.
     *
     * @param mayChange whether bad rows may be found in order another time
     */
    static ObjectNode head(DataFormat format, long unusable, boolean mayChange, String digest) {
        return JSON.createObjectNode()
                .put("format", format.label())
                .put("unusable", unusable)
                .put("may_change", mayChange)
                .put("digest", digest);
    }
}
