package dev.plumbline.engine.data;

import dev.plumbline.engine.error.PlumblineException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A preference data set of any {@link DataFormat}. It is read once, as a stream, into a store of
 * rows in our layout; a second time the store is found by the digest of the file. The list reads a
 * row when it is asked for: a data set may be larger than memory.
 *
 * @param rows that can be used, in their order
 * @param digest SHA-256 of those rows with their places, but not of their pictures
 */
public record PreferenceData(
        DataFormat format, List<PreferenceExample> rows, UnusableRows unusable, String digest) {
    /**
     * What to read.
     *
     * @param path JSON Lines, a JSON array, Parquet, or a folder of Parquet files
     * @param format nothing, to tell it from the content
     * @param images folder that paths of pictures are relative to; without one, the file's
     */
    public record Source(Path path, Optional<DataFormat> format, Optional<Path> images) {
        public static Source of(Path path) {
            return new Source(path, Optional.empty(), Optional.empty());
        }
    }

    /**
     * Reads a data set, or finds what was read of it earlier.
     *
     * @param cache folder for rows, and for pictures that come as bytes
     * @throws PlumblineException {@code DATA_NOT_FOUND}, {@code DATA_FORMAT_UNKNOWN}, {@code
     *     PARQUET_UNREADABLE} or {@code FILE_NOT_WRITABLE}; what is wrong with a row is no failure
     *     yet
     */
    public static PreferenceData read(Source source, Path cache) {
        return RowStores.read(source, cache);
    }

    /**
     * The data set as the policy has it.
     *
     * @throws PlumblineException the first bad row's, under {@link BadRowPolicy#STOP}, or where no
     *     row is left
     */
    public PreferenceData under(BadRowPolicy policy) {
        if (unusable.count() == 0) {
            return this;
        }
        UnusableRow first = unusable.summary().first().getFirst();
        long all = unusable.count() + rows.size();
        String told = " (%d of %d rows cannot be used".formatted(unusable.count(), all);
        if (rows.isEmpty()) {
            throw first.refusal(told + ": none is left)");
        }
        if (policy == BadRowPolicy.STOP) {
            throw first.refusal(told + "; on_bad_row skip leaves them out)");
        }
        return this;
    }
}
