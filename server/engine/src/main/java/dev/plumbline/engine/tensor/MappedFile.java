package dev.plumbline.engine.tensor;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * A file mapped read-only: for as long as something refers to it or to a tensor in it, or for as
 * long as the mappings are open that it was opened in.
 */
public final class MappedFile {
    private final Path path;
    private final MemorySegment segment;

    private MappedFile(Path path, MemorySegment segment) {
        this.path = path;
        this.segment = segment;
    }

    /**
     * Maps a file of any size.
     *
     * @throws PlumblineException {@code FILE_NOT_FOUND} or {@code FILE_UNREADABLE}, naming the file
     */
    public static MappedFile open(Path path) {
        return open(path, Mappings.automatic());
    }

    /**
     * Maps a file of any size until the mappings are closed.
     *
     * @throws PlumblineException {@code FILE_NOT_FOUND} or {@code FILE_UNREADABLE}, naming the file
     */
    public static MappedFile open(Path path, Mappings mappings) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            MemorySegment segment =
                    channel.map(MapMode.READ_ONLY, 0, channel.size(), mappings.arena());
            return new MappedFile(path, segment);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    public Path path() {
        return path;
    }

    /** Size in bytes. */
    public long size() {
        return segment.byteSize();
    }

    /** The whole file, read-only. */
    public MemorySegment segment() {
        return segment;
    }

    /**
     * A view of a tensor that starts at a byte offset, at any alignment.
     *
     * @throws PlumblineException {@code FILE_TRUNCATED} if the file ends before the tensor does
     */
    public Tensor tensor(DType dtype, Shape shape, long offset) {
        long bytes = dtype.bytes(shape.elements());
        return Tensor.view(dtype, shape, part(offset, bytes));
    }

    /**
     * A copy of some bytes.
     *
     * @throws PlumblineException {@code FILE_TRUNCATED} if the file ends before they do
     */
    public byte[] bytes(long offset, int count) {
        return part(offset, count).toArray(JAVA_BYTE);
    }

    private MemorySegment part(long offset, long bytes) {
        if (offset < 0 || bytes < 0 || offset > size() - bytes) {
            throw new PlumblineException(
                    ErrorCode.DATA_LOSS,
                    "FILE_TRUNCATED",
                    "%s has %d bytes: there are no %d bytes at offset %d; fetch the file again"
                            .formatted(path, size(), bytes, offset),
                    Map.of("file", path.toString()));
        }
        return segment.asSlice(offset, bytes);
    }

    private static PlumblineException unreadable(Path path, IOException cause) {
        boolean missing = Files.notExists(path);
        String message =
                missing
                        ? "there is no file " + path + "; check the path"
                        : "%s cannot be read (%s); check that it is a readable file"
                                .formatted(path, cause.getMessage());
        return new PlumblineException(
                        missing ? ErrorCode.NOT_FOUND : ErrorCode.FAILED_PRECONDITION,
                        missing ? "FILE_NOT_FOUND" : "FILE_UNREADABLE",
                        message,
                        Map.of("file", path.toString()))
                .causedBy(cause);
    }
}
