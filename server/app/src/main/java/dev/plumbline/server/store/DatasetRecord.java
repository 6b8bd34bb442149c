package dev.plumbline.server.store;

import java.nio.file.Path;
import java.time.Instant;

/**
 * Preference rows that the server knows by name.
 *
 * @param id last part of the resource name
 * @param rows that can be used
 * @param skipped those that cannot, where that was no reason to refuse them
 * @param path a file, or a folder of Parquet files
 * @param layout how they are read
 */
public record DatasetRecord(
        String id, long rows, long skipped, Path path, Instant createTime, RowsChoice layout) {
    public DatasetRecord {
        layout = RowsChoice.orDefault(layout);
    }

    public String name() {
        return "datasets/" + id;
    }
}
