package dev.plumbline.engine.data;

import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;

/**
 * Rows of which some are another list's as they are, and the others lie in a file of no name, which
 * goes with the list. So a data set larger than memory can be given negatives.
 */
public final class ChangedRows {
    private final List<PreferenceExample> origin;
    private final FileChannel file;
    private final long[] ends;
    private final int[] changes;
    private int count;
    private int changed;

    /**
     * Begins without a row.
     *
     * @param folder that the file lies in until it is opened
     * @throws PlumblineException {@code FILE_NOT_WRITABLE}
     */
    public ChangedRows(List<PreferenceExample> origin, Path folder) {
        this.origin = origin;
        this.ends = new long[origin.size()];
        this.changes = new int[origin.size()];
        try {
            Path path = Files.createTempFile(Files.createDirectories(folder), ".rows", ".jsonl");
            this.file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            Files.delete(path);
        } catch (IOException e) {
            throw WholeFile.unwritable(folder, e);
        }
    }

    /** Adds the next row, as it is now. */
    public void add(PreferenceExample row) {
        if (row.equals(origin.get(count))) {
            changes[count] = -1;
        } else {
            write(row);
            changes[count] = changed;
            changed++;
        }
        count++;
    }

    private void write(PreferenceExample row) {
        try {
            ByteBuffer line =
                    ByteBuffer.wrap(StoredRows.line(row.place(), PreferenceRowsWriter.json(row)));
            while (line.hasRemaining()) {
                file.write(line);
            }
            ends[changed] = file.position();
        } catch (IOException e) {
            throw WholeFile.unwritable(row.place().file(), e);
        }
    }

    /** The rows so far; where none has changed, the other list. */
    public List<PreferenceExample> rows() {
        if (changed == 0 && count == origin.size()) {
            return origin;
        }
        return new Mixed(
                origin,
                new LineRows(
                        file, Arrays.copyOf(ends, changed), (index, line) -> StoredRows.read(line)),
                Arrays.copyOf(changes, count));
    }

    private static final class Mixed extends AbstractList<PreferenceExample>
            implements RandomAccess {
        private final List<PreferenceExample> origin;
        private final List<PreferenceExample> changed;
        private final int[] changes;

        Mixed(List<PreferenceExample> origin, List<PreferenceExample> changed, int[] changes) {
            this.origin = origin;
            this.changed = changed;
            this.changes = changes;
        }

        @Override
        public PreferenceExample get(int index) {
            int change = changes[index];
            return change < 0 ? origin.get(index) : changed.get(change);
        }

        @Override
        public int size() {
            return changes.length;
        }
    }
}
