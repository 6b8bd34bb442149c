package dev.plumbline.server.store;

import java.nio.file.Path;
import java.time.Instant;

/**
 * Preference rows that the server knows by name.
 *
 * @param id last part of the resource name
 * @param path JSON Lines
 */
public record DatasetRecord(String id, long rows, Path path, Instant createTime) {
    public String name() {
        return "datasets/" + id;
    }
}
