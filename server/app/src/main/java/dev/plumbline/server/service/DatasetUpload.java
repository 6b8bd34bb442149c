package dev.plumbline.server.service;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceData;
import dev.plumbline.engine.data.PreferenceRows;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageDecoder;
import dev.plumbline.server.config.PlumblineConfig;
import dev.plumbline.server.store.DatasetRecord;
import dev.plumbline.server.store.DatasetStore;
import dev.plumbline.server.store.RowsChoice;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A data set in the making: a path of the server's, or rows one by one. What is not finished leaves
 * nothing behind. Used by one call, one message at a time.
 */
public final class DatasetUpload implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final DatasetStore store;
    private final RowImports imports;
    private final PlumblineConfig.Limits limits;
    private final String unfinished = TimeOrderedIds.next();
    private @Nullable Start start;
    private @Nullable Path folder;
    private @Nullable BufferedWriter rows;
    private long count;
    private long bytes;

    /**
     * The first message.
     *
     * @param id wanted, or empty
     * @param path of the server's, empty where rows follow
     * @param rows how those of the path are read
     */
    private record Start(String id, String path, RowsChoice rows) {}

    /** A row as a client sends it. */
    public record Row(byte[] image, String prompt, String chosen, String rejected) {}

    DatasetUpload(DatasetStore store, RowImports imports, PlumblineConfig.Limits limits) {
        this.store = store;
        this.imports = imports;
        this.limits = limits;
    }

    /** Begins. */
    public void start(String id, String path, RowsChoice rows) {
        if (start != null) {
            throw PlumblineException.invalid(
                    "start", "START_TWICE", "start comes once, as the first message");
        }
        String checked = id.isEmpty() ? "" : ResourceNames.checkedId(id, "start.dataset_id");
        if (!checked.isEmpty() && store.dataset(checked).isPresent()) {
            throw DatasetStore.exists("datasets/" + checked);
        }
        start = new Start(checked.isEmpty() ? unfinished : checked, path, rows);
    }

    /** Takes a row in: its picture is kept under the digest of its bytes. */
    public void row(Row row) {
        Start begun = begun();
        if (!begun.path().isEmpty()) {
            throw PlumblineException.invalid(
                    "row",
                    "CONTENT_TWICE",
                    "start.path names the rows already: leave it empty to send them");
        }
        String field = "row[%d]".formatted(count);
        requireText(field + ".prompt", row.prompt());
        requireText(field + ".chosen", row.chosen());
        requireText(field + ".rejected", row.rejected());
        requireSize(field + ".image", row.image());
        String picture = picture(field + ".image", row.image());
        ObjectNode line =
                JSON.createObjectNode()
                        .put("image", "images/" + picture)
                        .put("prompt", row.prompt())
                        .put("chosen", row.chosen())
                        .put("rejected", row.rejected());
        try {
            BufferedWriter writer = writer();
            writer.write(line.toString());
            writer.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        count++;
    }

    /** Gives the data set its name. */
    public DatasetRecord finish() {
        Start begun = begun();
        Path file = store.rows(begun.id());
        long skipped = 0;
        if (begun.path().isEmpty()) {
            if (count == 0) {
                throw PlumblineException.invalid(
                        "row", "FIELD_MISSING", "send a row, or give start.path");
            }
            closeRows();
            // Where they lie now: the pictures are beside them.
            PreferenceRows.read(folder().resolve("rows.jsonl"));
        } else {
            file = Paths.of(begun.path(), "start.path");
            PreferenceData data = imports.read(file, "start.path", begun.rows());
            count = data.rows().size();
            skipped = data.unusable().count();
            folder();
        }
        var dataset =
                new DatasetRecord(begun.id(), count, skipped, file, Instant.now(), begun.rows());
        store.publish(unfinished, dataset);
        return dataset;
    }

    /** Takes away what was not finished. */
    @Override
    public void close() {
        closeRows();
        if (folder != null) {
            store.discard(unfinished);
        }
    }

    private Start begun() {
        return Optional.ofNullable(start)
                .orElseThrow(() ->
                        PlumblineException.invalid(
                                "start", "FIELD_MISSING", "the first message must be start"));
    }

    private void requireSize(String field, byte[] image) {
        if (count >= limits.datasetRows()) {
            throw tooLarge("row", "rows", limits.datasetRows());
        }
        bytes += image.length;
        if (bytes > limits.datasetBytes()) {
            throw tooLarge(field, "bytes of pictures", limits.datasetBytes());
        }
        if (image.length > limits.imageBytes()) {
            throw tooLarge(field, "bytes in one picture", limits.imageBytes());
        }
    }

    private static PlumblineException tooLarge(String field, String what, long most) {
        return PlumblineException.invalid(
                field,
                "DATASET_TOO_LARGE",
                "at most %d %s are taken: put the rows on the server's disk and give start.path"
                        .formatted(most, what),
                Map.of("maximum", Long.toString(most)));
    }

    private static void requireText(String field, String text) {
        if (text.isBlank()) {
            throw PlumblineException.invalid(field, "FIELD_MISSING", field + " must be given");
        }
    }

    private String picture(String field, byte[] image) {
        try {
            var _ = ImageDecoder.decode(image, field);
        } catch (PlumblineException e) {
            throw Failures.at(e, field);
        }
        boolean png = image.length > 1 && image[1] == 'P';
        String name = ContentDigests.of(image) + (png ? ".png" : ".jpg");
        try {
            Path images = Files.createDirectories(folder().resolve("images"));
            Path file = images.resolve(name);
            if (!Files.exists(file)) {
                Files.write(file, image);
            }
            return name;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path folder() {
        Path begun = folder;
        if (begun == null) {
            begun = store.begin(unfinished);
            folder = begun;
        }
        return begun;
    }

    private BufferedWriter writer() throws IOException {
        BufferedWriter writer = rows;
        if (writer == null) {
            writer = Files.newBufferedWriter(folder().resolve("rows.jsonl"));
            rows = writer;
        }
        return writer;
    }

    private void closeRows() {
        BufferedWriter writer = rows;
        rows = null;
        if (writer != null) {
            try {
                writer.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
