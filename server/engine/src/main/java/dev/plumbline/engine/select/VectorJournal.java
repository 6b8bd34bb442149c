package dev.plumbline.engine.select;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Embeddings as they are made, appended to a file: SHA-256 of the picture, its vector, and a
 * checksum of both. What a process that died left half-written is cut off.
 */
final class VectorJournal implements AutoCloseable {
    private static final int DIGEST = 32;
    private static final int CHECKSUM = 4;

    private final Path file;
    private final FileChannel channel;
    private final int dimension;
    private final ByteBuffer record;
    private final Map<String, Long> places = new HashMap<>();
    private long end;

    private VectorJournal(Path file, FileChannel channel, int dimension) {
        this.file = file;
        this.channel = channel;
        this.dimension = dimension;
        this.record =
                ByteBuffer.allocate(DIGEST + Float.BYTES * dimension + CHECKSUM)
                        .order(ByteOrder.LITTLE_ENDIAN);
    }

    static VectorJournal open(Path file, int dimension) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            FileChannel channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            VectorJournal journal = new VectorJournal(file, channel, dimension);
            try {
                journal.recover();
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
            return journal;
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    /** Reads what is whole and cuts off the rest. */
    private void recover() throws IOException {
        while (readRecord(end) && checksum() == record.getInt(record.capacity() - CHECKSUM)) {
            places.put(HexFormat.of().formatHex(record.array(), 0, DIGEST), end);
            end += record.capacity();
        }
        channel.truncate(end);
    }

    private boolean readRecord(long position) throws IOException {
        record.clear();
        while (record.hasRemaining()) {
            if (channel.read(record, position + record.position()) < 0) {
                return false;
            }
        }
        return true;
    }

    private int checksum() {
        CRC32C checksum = new CRC32C();
        checksum.update(record.array(), 0, record.capacity() - CHECKSUM);
        return (int) checksum.getValue();
    }

    int size() {
        return places.size();
    }

    boolean contains(String digest) {
        return places.containsKey(digest);
    }

    /**
     * Keeps a vector, for good once this returns and the process dies.
     *
     * @throws PlumblineException {@code POOL_NOT_WRITABLE}; what was kept before stays
     */
    void append(String digest, float[] vector) {
        record.clear();
        record.put(HexFormat.of().parseHex(digest));
        for (float value : vector) {
            record.putFloat(value);
        }
        record.putInt(checksum());
        record.flip();
        try {
            for (long at = end; record.hasRemaining(); ) {
                at += channel.write(record, at);
            }
        } catch (IOException e) {
            throw unwritable(file, e);
        }
        places.put(digest, end);
        end += record.capacity();
    }

    float[] vector(String digest) {
        Long place = places.get(digest);
        if (place == null) {
            throw new IllegalArgumentException("no vector of " + digest);
        }
        try {
            if (!readRecord(place)) {
                throw PoolFile.damaged(file, "it ends too early");
            }
        } catch (IOException e) {
            throw PoolFile.damaged(file, e.getMessage()).causedBy(e);
        }
        float[] vector = new float[dimension];
        record.position(DIGEST);
        record.asFloatBuffer().get(vector);
        return vector;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    static PlumblineException unwritable(Path file, IOException cause) {
        return new PlumblineException(
                        ErrorCode.RESOURCE_EXHAUSTED,
                        "POOL_NOT_WRITABLE",
                        "cannot write %s (%s): check the disk's space and the folder's permissions; what is there stays, and is gone on with"
                                .formatted(file, cause.getMessage()),
                        Map.of("file", file.toString()))
                .causedBy(cause);
    }
}
