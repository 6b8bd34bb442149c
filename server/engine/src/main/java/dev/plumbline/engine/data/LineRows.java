package dev.plumbline.engine.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.AbstractList;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * Rows on disk as a list: each is read when it is asked for. In memory are eight bytes a row. The
 * file stays open until the list is garbage, so that it may be taken away meanwhile.
 */
final class LineRows extends AbstractList<PreferenceExample> implements RandomAccess {
    private final FileChannel file;
    private final long[] ends;
    private final Reader reader;

    /** Makes a row of its bytes. */
    @FunctionalInterface
    interface Reader {
        PreferenceExample read(int index, byte[] line) throws IOException;
    }

    /**
     * @param ends where each row ends in the file
     */
    LineRows(FileChannel file, long[] ends, Reader reader) {
        this.file = file;
        this.ends = ends;
        this.reader = reader;
    }

    /**
     * Reads a row.
     *
     * @throws dev.plumbline.engine.error.PlumblineException {@code IMAGE_NOT_FOUND} where its
     *     picture has gone since
     */
    @Override
    public PreferenceExample get(int index) {
        Objects.checkIndex(index, ends.length);
        try {
            long start = index == 0 ? 0 : ends[index - 1];
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(ends[index] - start));
            while (bytes.hasRemaining()) {
                if (file.read(bytes, start + bytes.position()) < 0) {
                    throw new EOFException("row " + index + " of the stored rows is cut off");
                }
            }
            return reader.read(index, bytes.array());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int size() {
        return ends.length;
    }
}
