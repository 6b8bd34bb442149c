package dev.plumbline.engine.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * TFRecord framing, as TensorFlow's {@code record_writer.h} describes it: length (uint64 little
 * endian), masked CRC32C of these eight bytes, the record, masked CRC32C of the record.
 */
final class EventRecords {
    private static final int HEADER = 12;
    private static final int FOOTER = 4;
    private static final int MASK_DELTA = 0xa282ead8;

    /** What is longer was not written by us. */
    private static final long LONGEST = 1 << 20;

    private EventRecords() {}

    /** The record with its frame. */
    static byte[] framed(byte[] record) {
        ByteBuffer frame = little(HEADER + record.length + FOOTER).putLong(record.length);
        frame.putInt(maskedCrc(frame.array(), 0, Long.BYTES));
        frame.put(record).putInt(maskedCrc(record, 0, record.length));
        return frame.array();
    }

    /**
     * The record that begins at a place of a file.
     *
     * @return empty at the file's end, and where a crash or somebody else left something that is
     *     not a whole record
     */
    static Optional<byte[]> read(FileChannel file, long at) throws IOException {
        ByteBuffer header = little(HEADER);
        if (!fill(file, header, at)) {
            return Optional.empty();
        }
        long length = header.getLong(0);
        if (header.getInt(Long.BYTES) != maskedCrc(header.array(), 0, Long.BYTES)
                || length < 0
                || length > LONGEST) {
            return Optional.empty();
        }
        ByteBuffer rest = little((int) length + FOOTER);
        if (!fill(file, rest, at + HEADER)
                || rest.getInt((int) length) != maskedCrc(rest.array(), 0, (int) length)) {
            return Optional.empty();
        }
        byte[] record = new byte[(int) length];
        rest.get(0, record);
        return Optional.of(record);
    }

    /** Bytes of a record with its frame. */
    static long framedLength(byte[] record) {
        return (long) HEADER + record.length + FOOTER;
    }

    private static boolean fill(FileChannel file, ByteBuffer buffer, long at) throws IOException {
        while (buffer.hasRemaining()) {
            if (file.read(buffer, at + buffer.position()) < 0) {
                return false;
            }
        }
        return true;
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int maskedCrc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
    }
}
