package dev.plumbline.engine.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * A file of rows in the making, a line each, written as they come. What a process that died wrote
 * is found again, but for a last line that it had not finished.
 */
public final class PartialRows implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final Path origin;
    private final FileChannel channel;
    private int count;

    private PartialRows(Path file, Path origin, FileChannel channel, int count) {
        this.file = file;
        this.origin = origin;
        this.channel = channel;
        this.count = count;
    }

    /**
     * Begins a file, or goes on with one.
     *
     * @param origin file that remembers what the rows are made from
     * @param fingerprint of what they are made from; rows of another origin are thrown away
     * @throws PlumblineException {@code FILE_NOT_WRITABLE}
     */
    public static PartialRows open(Path file, Path origin, String fingerprint) {
        try {
            if (!Files.isRegularFile(origin) || !Files.readString(origin).equals(fingerprint)) {
                Files.deleteIfExists(file);
                remember(origin, fingerprint);
            }
            FileChannel channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            try {
                Whole whole = whole(file);
                channel.truncate(whole.bytes());
                channel.position(whole.bytes());
                return new PartialRows(file, origin, channel, whole.rows());
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    private static void remember(Path origin, String fingerprint) throws IOException {
        Path temporary = origin.resolveSibling(origin.getFileName() + ".partial");
        Files.writeString(temporary, fingerprint);
        Files.move(
                temporary,
                origin,
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    private record Whole(int rows, long bytes) {}

    /** The rows up to the first that is not whole: cut off, or, after a power cut, not JSON. */
    private static Whole whole(Path file) throws IOException {
        long size = Files.size(file);
        int rows = 0;
        long bytes = 0;
        // As Latin-1 a character is a byte, so that broken UTF-8 can be counted too.
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                long end = bytes + line.length() + 1;
                if (end > size || !isObject(line)) {
                    break;
                }
                rows++;
                bytes = end;
            }
        }
        return new Whole(rows, bytes);
    }

    private static boolean isObject(String latin) {
        try {
            return JSON.readTree(latin.getBytes(StandardCharsets.ISO_8859_1)).isObject();
        } catch (JsonProcessingException e) {
            return false;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Rows that are there. */
    public int count() {
        return count;
    }

    /**
     * Writes one row, which is there from then on, also when the process is killed.
     *
     * @throws PlumblineException {@code FILE_NOT_WRITABLE}
     */
    public void append(PreferenceExample row) {
        ByteBuffer bytes =
                ByteBuffer.wrap(
                        (PreferenceRowsWriter.line(row) + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw unwritable(file, e);
        }
        count++;
    }

    /** Brings all rows to the disk. */
    public void force() {
        try {
            channel.force(true);
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    /** Puts the file, now whole, in its place. */
    public void moveTo(Path place) {
        force();
        try {
            Files.move(
                    file,
                    place,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            Files.deleteIfExists(origin);
        } catch (IOException e) {
            throw unwritable(place, e);
        }
    }

    /** Takes the file away. */
    public static void discard(Path file, Path origin) {
        try {
            Files.deleteIfExists(file);
            Files.deleteIfExists(origin);
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    private static PlumblineException unwritable(Path file, IOException cause) {
        return new PlumblineException(
                        ErrorCode.FAILED_PRECONDITION,
                        "FILE_NOT_WRITABLE",
                        "cannot write %s (%s): check the disk's space and the folder's permissions"
                                .formatted(file, cause.getMessage()),
                        Map.of("file", file.toString()))
                .causedBy(cause);
    }
}
