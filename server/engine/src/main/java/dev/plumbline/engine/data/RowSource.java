package dev.plumbline.engine.data;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceExample.Place;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The rows of a data file as they stand there, one after the other. */
interface RowSource {
    /** Takes rows. */
    interface Taker {
        void row(Place place, ObjectNode row);

        /** A row that cannot be read; the failure says where it stands. */
        void fault(PlumblineException why);
    }

    /**
     * Reads all rows; never more than a row, or a row group of Parquet, is in memory.
     *
     * @throws PlumblineException {@code DATA_NOT_FOUND} or {@code PARQUET_UNREADABLE}
     */
    void read(Taker taker);

    /** The files that the rows stand in. */
    List<Path> files();

    /**
     * Tells from the content what holds the rows.
     *
     * @param path a file, or a folder of Parquet files
     * @throws PlumblineException {@code DATA_NOT_FOUND}
     */
    static RowSource open(Path path) {
        try {
            if (Files.isDirectory(path)) {
                List<Path> tables = ParquetTable.files(path);
                if (tables.isEmpty()) {
                    throw RowFaults.unreadable(path, "is a folder without Parquet files");
                }
                return new ParquetRows(tables);
            }
            return isParquet(path) ? new ParquetRows(List.of(path)) : new JsonRows(path);
        } catch (NoSuchFileException e) {
            throw RowFaults.unreadable(path, "does not exist").causedBy(e);
        } catch (IOException e) {
            throw RowFaults.unreadable(path, "cannot be read: " + e.getMessage()).causedBy(e);
        }
    }

    private static boolean isParquet(Path file) throws IOException {
        byte[] magic = "PAR1".getBytes(StandardCharsets.US_ASCII);
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(magic.length), magic);
        }
    }
}
