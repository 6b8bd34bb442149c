package dev.plumbline.engine.score;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.ObjLongConsumer;
import java.util.zip.CRC32C;

/**
 * A file that only grows: a head, then records of a key, a count, so many floats and a checksum of
 * all three. The one process that has its lock appends; every process reads. What a process that
 * died left half-written ends the file for readers, and is cut off by the next one that appends.
 */
final class Segment implements AutoCloseable {
    private static final byte[] HEAD = "PLREF 1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int FIXED = ReferenceKey.BYTES + Integer.BYTES;
    private static final int CHECKSUM = Integer.BYTES;

    /** More tokens than any model's context; a greater count is damage. */
    private static final int MOST_VALUES = 1 << 20;

    private final Path file;
    private final FileChannel channel;
    private final boolean own;
    private long end = HEAD.length;

    private Segment(Path file, FileChannel channel, boolean own) {
        this.file = file;
        this.channel = channel;
        this.own = own;
    }

    /** A file to read, and to append to where no other process does. */
    static Segment open(Path file, boolean toAppend) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            return new Segment(file, channel, toAppend && isLocked(channel));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    static Segment create(Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        try {
            boolean own = isLocked(channel);
            write(channel, ByteBuffer.wrap(HEAD), 0);
            return new Segment(file, channel, own);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** The system lets the lock go when the process dies, however it dies. */
    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    Path file() {
        return file;
    }

    /** Whether this process may append. */
    boolean isOwn() {
        return own;
    }

    /** Bytes of what is whole, as far as it was scanned or appended. */
    long end() {
        return end;
    }

    /** Tells of every whole record, with its place; cuts off the rest of a file of our own. */
    void scan(ObjLongConsumer<ReferenceKey> records) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(HEAD.length);
        if (!read(head, 0) || !head.flip().equals(ByteBuffer.wrap(HEAD))) {
            if (own) {
                channel.truncate(0);
                write(channel, ByteBuffer.wrap(HEAD), 0);
            }
            return;
        }
        Optional<ByteBuffer> record = record(end);
        while (record.isPresent()) {
            records.accept(ReferenceKey.read(record.get()), end);
            end += record.get().capacity();
            record = record(end);
        }
        if (own) {
            channel.truncate(end);
        }
    }

    /** The values of a record; empty where it is another key's, or damaged. */
    Optional<float[]> read(long place, ReferenceKey key) throws IOException {
        Optional<ByteBuffer> record = record(place);
        if (record.isEmpty() || !ReferenceKey.read(record.get()).equals(key)) {
            return Optional.empty();
        }
        float[] values = new float[record.get().getInt()];
        record.get().asFloatBuffer().get(values);
        return Optional.of(values);
    }

    /**
     * Keeps values, for good once this returns and the process dies.
     *
     * @return their place
     */
    long append(ReferenceKey key, float[] values) throws IOException {
        ByteBuffer record = allocate(values.length);
        key.write(record);
        record.putInt(values.length);
        for (float value : values) {
            record.putFloat(value);
        }
        record.putInt(checksum(record)).flip();
        long place = end;
        write(channel, record, place);
        end += record.capacity();
        return place;
    }

    /** The whole record there, from its key on; empty where there is none. */
    private Optional<ByteBuffer> record(long place) throws IOException {
        ByteBuffer fixed = ByteBuffer.allocate(FIXED).order(ByteOrder.LITTLE_ENDIAN);
        if (!read(fixed, place)) {
            return Optional.empty();
        }
        int count = fixed.getInt(ReferenceKey.BYTES);
        if (count < 0 || count > MOST_VALUES) {
            return Optional.empty();
        }
        ByteBuffer record = allocate(count);
        if (!read(record, place)
                || checksum(record) != record.getInt(record.capacity() - CHECKSUM)) {
            return Optional.empty();
        }
        return Optional.of(record.flip());
    }

    private static ByteBuffer allocate(int values) {
        int bytes = FIXED + values * Float.BYTES + CHECKSUM;
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Of all but a record's last bytes, which hold it. */
    private static int checksum(ByteBuffer record) {
        CRC32C checksum = new CRC32C();
        checksum.update(record.array(), 0, record.capacity() - CHECKSUM);
        return (int) checksum.getValue();
    }

    /** Whether the file is long enough. */
    private boolean read(ByteBuffer target, long position) throws IOException {
        while (target.hasRemaining()) {
            if (channel.read(target, position + target.position()) < 0) {
                return false;
            }
        }
        return true;
    }

    private static void write(FileChannel channel, ByteBuffer source, long position)
            throws IOException {
        for (long at = position; source.hasRemaining(); ) {
            at += channel.write(source, at);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
