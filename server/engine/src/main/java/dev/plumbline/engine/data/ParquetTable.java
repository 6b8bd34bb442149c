package dev.plumbline.engine.data;

import com.jerolba.carpet.CarpetReader;
import com.jerolba.carpet.CloseableIterator;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/** A Parquet file, read row by row: never more than a row group of it is in memory. */
public final class ParquetTable {
    private static final String ENDING = ".parquet";

    private final Path file;
    private final List<String> columns;
    private final long rows;

    private ParquetTable(Path file, List<String> columns, long rows) {
        this.file = file;
        this.columns = List.copyOf(columns);
        this.rows = rows;
    }

    /** Does with a row what is to be done. */
    @FunctionalInterface
    public interface RowReader {
        /**
         * @param row number in the file, from 0
         * @param values by column; groups are maps, texts strings, bytes as {@link #bytes} reads
         */
        void read(long row, Map<String, @Nullable Object> values);
    }

    public static boolean isParquet(Path file) {
        return String.valueOf(file.getFileName()).endsWith(ENDING) && Files.isRegularFile(file);
    }

    /** The Parquet files of a folder and the folders in it, by path. */
    public static List<Path> files(Path folder) {
        try (Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            return all.filter(ParquetTable::isParquet).sorted().toList();
        } catch (IOException | UncheckedIOException e) {
            throw unreadable(folder, "cannot be listed", e);
        }
    }

    /**
     * Reads the file's footer.
     *
     * @throws PlumblineException {@code PARQUET_UNREADABLE} with the file, or {@code
     *     PARQUET_ROW_GROUP_TOO_LARGE} where one would fill more than half of the memory
     */
    public static ParquetTable open(Path file) {
        return open(file, Runtime.getRuntime().maxMemory() / 2);
    }

    /**
     * @param most bytes that a row group may take
     */
    static ParquetTable open(Path file, long most) {
        try (var reader = ParquetFileReader.open(new LocalInputFile(file))) {
            for (BlockMetaData group : reader.getRowGroups()) {
                requireRoom(file, group.getCompressedSize(), most);
            }
            FileMetaData footer = reader.getFileMetaData();
            List<String> names =
                    footer.getSchema().getFields().stream().map(Type::getName).toList();
            return new ParquetTable(file, names, reader.getRecordCount());
        } catch (PlumblineException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw unreadable(file, "is not a Parquet file that can be read", e);
        }
    }

    private static void requireRoom(Path file, long bytes, long most) {
        if (bytes > most) {
            throw new PlumblineException(
                    ErrorCode.INVALID_ARGUMENT,
                    "PARQUET_ROW_GROUP_TOO_LARGE",
                    "%s has a row group of %d bytes, which is read as a whole, and %d may be taken: write it with smaller row groups, or give the server more memory"
                            .formatted(file, bytes, most),
                    Map.of(
                            "file", file.toString(),
                            "bytes", Long.toString(bytes),
                            "maximum", Long.toString(most)));
        }
    }

    public List<String> columns() {
        return columns;
    }

    /** Number of rows. */
    public long rows() {
        return rows;
    }

    /**
     * Reads all rows.
     *
     * @throws PlumblineException {@code PARQUET_UNREADABLE} with file and row
     */
    @SuppressWarnings("unchecked")
    public void read(RowReader reader) {
        long row = 0;
        try (CloseableIterator<Map<String, @Nullable Object>> all =
                new CarpetReader<>(
                                file.toFile(),
                                (Class<Map<String, @Nullable Object>>) (Class<?>) Map.class)
                        .iterator()) {
            while (all.hasNext()) {
                reader.read(row, all.next());
                row++;
            }
        } catch (PlumblineException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw unreadable(file, "cannot be read from row " + row + " on", e);
        }
    }

    /** A binary value as bytes; nothing where it is something else. */
    public static Optional<byte[]> bytes(@Nullable Object value) {
        return switch (value) {
            case Binary binary -> Optional.of(binary.getBytes());
            case byte[] bytes -> Optional.of(bytes);
            case null, default -> Optional.empty();
        };
    }

    private static PlumblineException unreadable(Path file, String what, Exception cause) {
        return new PlumblineException(
                        ErrorCode.INVALID_ARGUMENT,
                        "PARQUET_UNREADABLE",
                        "%s %s: %s".formatted(file, what, cause.getMessage()),
                        Map.of("file", file.toString()))
                .causedBy(cause);
    }
}
