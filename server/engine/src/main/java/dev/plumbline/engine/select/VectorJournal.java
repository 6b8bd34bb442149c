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
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Embeddings as they are made, appended to a file. It begins with the digest of the CLIP model and
 * a checksum; each record is the SHA-256 of the picture, its vector, and a checksum of both. What a
 * process that died left half-written is cut off.
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

    /**
     * Opens what was left unfinished, or begins.
     *
     * @param clip digest of the CLIP model whose vectors these are
     * @throws PlumblineException {@code POOL_CLIP_MISMATCH} where they are another model's, {@code
     *     POOL_NOT_WRITABLE}
     */
    static VectorJournal open(Path file, String clip, int dimension) {
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
                journal.recover(clip);
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
    private void recover(String clip) throws IOException {
        ByteBuffer head = head(clip);
        ByteBuffer found = ByteBuffer.allocate(head.capacity()).order(ByteOrder.LITTLE_ENDIAN);
        if (!read(found, 0) || !isWhole(found)) {
            channel.truncate(0);
            write(head, 0);
        } else if (!Arrays.equals(found.array(), head.array())) {
            throw PoolFile.ofAnotherClip(file, clip);
        }
        end = head.capacity();
        while (read(record, end) && isWhole(record)) {
            places.put(HexFormat.of().formatHex(record.array(), 0, DIGEST), end);
            end += record.capacity();
        }
        channel.truncate(end);
    }

    private static ByteBuffer head(String clip) {
        ByteBuffer head = ByteBuffer.allocate(DIGEST + CHECKSUM).order(ByteOrder.LITTLE_ENDIAN);
        head.put(HexFormat.of().parseHex(Digests.of(clip)));
        head.putInt(checksum(head));
        return head.flip();
    }

    /** Whether the file is long enough. */
    private boolean read(ByteBuffer target, long position) throws IOException {
        target.clear();
        while (target.hasRemaining()) {
            if (channel.read(target, position + target.position()) < 0) {
                return false;
            }
        }
        return true;
    }

    private void write(ByteBuffer source, long position) throws IOException {
        for (long at = position; source.hasRemaining(); ) {
            at += channel.write(source, at);
        }
    }

    private static boolean isWhole(ByteBuffer block) {
        return checksum(block) == block.getInt(block.capacity() - CHECKSUM);
    }

    /** Of all but its last bytes, which hold it. */
    private static int checksum(ByteBuffer block) {
        CRC32C checksum = new CRC32C();
        checksum.update(block.array(), 0, block.capacity() - CHECKSUM);
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
        record.putInt(checksum(record));
        record.flip();
        try {
            write(record, end);
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
            if (!read(record, place)) {
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
