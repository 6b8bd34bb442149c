package dev.plumbline.engine.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** All rows of a data set that cannot be used; of many, most stay on disk. */
public final class UnusableRows {
    /** There are none. */
    public static final UnusableRows NONE =
            new UnusableRows(Optional.empty(), SkippedRows.NONE, List.of());

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Optional<FileChannel> stored;
    private final SkippedRows known;
    private final List<UnusableRow> more;

    private UnusableRows(Optional<FileChannel> stored, SkippedRows known, List<UnusableRow> more) {
        this.stored = stored;
        this.known = known;
        this.more = List.copyOf(more);
    }

    /**
     * Those of a file, a line each.
     *
     * @param file open; it can be taken away from then on
     */
    static UnusableRows of(FileChannel file, SkippedRows known) {
        return new UnusableRows(Optional.of(file), known, List.of());
    }

    /** These and others, found later. */
    public UnusableRows plus(List<UnusableRow> others) {
        List<UnusableRow> all = new ArrayList<>(more);
        all.addAll(others);
        return new UnusableRows(stored, known, all);
    }

    public long count() {
        return known.total() + more.size();
    }

    /** Their number, and the first by name. */
    public SkippedRows summary() {
        List<UnusableRow> first = new ArrayList<>(known.first());
        more.stream().limit(SkippedRows.TOLD - first.size()).forEach(first::add);
        return new SkippedRows(count(), first);
    }

    /**
     * Writes all as JSON Lines: {@code file, row, field, reason, message}.
     *
     * @throws dev.plumbline.engine.error.PlumblineException {@code FILE_NOT_WRITABLE}
     */
    public void write(Path file) {
        WholeFile.writeInNewFolder(
                file,
                temporary -> {
                    try (BufferedWriter writer = Files.newBufferedWriter(temporary)) {
                        copyStored(writer);
                        for (UnusableRow row : more) {
                            writer.write(line(row));
                        }
                    }
                });
    }

    private void copyStored(BufferedWriter writer) throws IOException {
        if (stored.isPresent()) {
            FileChannel channel = stored.get().position(0);
            // Not closed: it may be wanted once more.
            Channels.newReader(channel, StandardCharsets.UTF_8).transferTo(writer);
        }
    }

    static String line(UnusableRow row) {
        try {
            return JSON.writeValueAsString(row) + "\n";
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
