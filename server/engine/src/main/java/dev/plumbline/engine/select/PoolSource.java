package dev.plumbline.engine.select;

import dev.plumbline.engine.data.ParquetTable;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Pictures to make a pool of: a folder of files (COCO's layout among them), a Parquet file, or a
 * folder of Parquet files.
 */
final class PoolSource {
    private static final List<String> ENDINGS = List.of(".jpg", ".jpeg", ".png");

    private final Path path;
    private final String column;

    /**
     * @param column of Parquet files that holds the pictures
     */
    PoolSource(Path path, String column) {
        this.path = path;
        this.column = column;
    }

    /** Takes the pictures one after the other. */
    interface Taker {
        /** A picture that is a file of its own. */
        void file(String id, Path file);

        /** A picture out of a Parquet file. */
        void bytes(String id, byte[] encoded);

        /** A row without a picture. */
        void nothing(String id, String why);
    }

    /** Number of pictures, told before they are taken. */
    long count() {
        List<Path> tables = tables();
        return tables.isEmpty()
                ? files(path).size()
                : tables.stream().mapToLong(table -> ParquetTable.open(table).rows()).sum();
    }

    /**
     * Takes all pictures, those of a folder by path.
     *
     * @throws PlumblineException {@code POOL_NOT_FOUND}, {@code POOL_EMPTY}, {@code
     *     POOL_COLUMN_MISSING} or {@code PARQUET_UNREADABLE}
     */
    void take(Taker taker) {
        List<Path> tables = tables();
        for (Path table : tables) {
            take(table, taker);
        }
        if (tables.isEmpty()) {
            files(path).forEach(file -> taker.file(path.relativize(file).toString(), file));
        }
    }

    private List<Path> tables() {
        if (ParquetTable.isParquet(path)) {
            return List.of(path);
        }
        if (!Files.isDirectory(path)) {
            throw PlumblineException.invalid(
                    "path",
                    "POOL_NOT_FOUND",
                    path + " is neither a folder of pictures nor a Parquet file",
                    Map.of("path", path.toString()));
        }
        return ParquetTable.files(path);
    }

    /**
     * All picture files of a folder and the folders in it, by path.
     *
     * @throws PlumblineException {@code POOL_NOT_FOUND} or {@code POOL_EMPTY}
     */
    static List<Path> files(Path folder) {
        try (Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            List<Path> images = all.filter(PoolSource::isImage).sorted().toList();
            if (images.isEmpty()) {
                throw PlumblineException.invalid(
                        "path",
                        "POOL_EMPTY",
                        "%s holds no pictures (%s) and no Parquet files"
                                .formatted(folder, String.join(", ", ENDINGS)),
                        Map.of("path", folder.toString()));
            }
            return images;
        } catch (IOException | UncheckedIOException e) {
            throw PlumblineException.invalid(
                            "path",
                            "POOL_NOT_FOUND",
                            "the folder " + folder + " cannot be read: " + e.getMessage(),
                            Map.of("path", folder.toString()))
                    .causedBy(e);
        }
    }

    private static boolean isImage(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return ENDINGS.stream().anyMatch(name::endsWith) && Files.isRegularFile(file);
    }

    private void take(Path file, Taker taker) {
        ParquetTable table = ParquetTable.open(file);
        if (!table.columns().contains(column)) {
            throw PlumblineException.invalid(
                    "column",
                    "POOL_COLUMN_MISSING",
                    "%s has no column '%s'; its columns are %s"
                            .formatted(file, column, table.columns()),
                    Map.of("file", file.toString(), "columns", table.columns().toString()));
        }
        String name = String.valueOf(file.getFileName());
        List<String> faults = new ArrayList<>();
        table.read((row, values) -> {
            Object value = values.get(column);
            String id = id(value).orElse(name + "#" + row);
            Optional<byte[]> bytes = encoded(value);
            if (bytes.isPresent()) {
                taker.bytes(id, bytes.get());
            } else {
                faults.add(id);
                taker.nothing(id, "row " + row + " has no bytes in the column " + column);
            }
        });
        if (!faults.isEmpty() && faults.size() == table.rows()) {
            throw PlumblineException.invalid(
                    "column",
                    "POOL_COLUMN_MISSING",
                    "the column '%s' of %s holds no pictures: it must hold bytes, or {bytes, path}; the columns are %s"
                            .formatted(column, file, table.columns()),
                    Map.of("file", file.toString(), "columns", table.columns().toString()));
        }
    }

    private static Optional<byte[]> encoded(@Nullable Object value) {
        return value instanceof Map<?, ?> group
                ? ParquetTable.bytes(group.get("bytes"))
                : ParquetTable.bytes(value);
    }

    private static Optional<String> id(@Nullable Object value) {
        return value instanceof Map<?, ?> group
                        && group.get("path") instanceof String path
                        && !path.isBlank()
                ? Optional.of(path)
                : Optional.empty();
    }
}
