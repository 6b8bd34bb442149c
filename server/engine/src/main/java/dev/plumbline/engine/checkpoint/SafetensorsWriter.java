package dev.plumbline.engine.checkpoint;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes a safetensors file tensor by tensor, so that no more than one need be in memory: byte for
 * byte what the reference implementation writes, and atomically. Closed before {@link #commit}, no
 * file appears. Every method throws {@link PlumblineException} {@code DISK_FULL} or {@code
 * FILE_UNWRITABLE}, naming the file.
 */
public final class SafetensorsWriter implements AutoCloseable {
    /** A tensor that the file will hold. */
    public record Entry(String name, DType dtype, Shape shape) {
        long bytes() {
            return Math.multiplyExact(shape.elements(), dtype.bytes());
        }
    }

    /** The reference implementation puts the types that need the most alignment first. */
    private static final List<DType> TYPE_ORDER =
            List.of(
                    DType.I64,
                    DType.F64,
                    DType.F32,
                    DType.I32,
                    DType.BF16,
                    DType.F16,
                    DType.I8,
                    DType.U8,
                    DType.BOOL);

    private static final int CHUNK_BYTES = 1 << 24;

    private final Path path;
    private final List<Entry> order;
    private final long total;
    private final AtomicFile file;
    private final Map<String, Span> spans = new HashMap<>();
    private final AtomicLong written = new AtomicLong();

    /** Where the data of a tensor go. */
    private record Span(long start, long bytes) {}

    private SafetensorsWriter(Path path, List<Entry> order, int headerBytes, AtomicFile file) {
        this.path = path;
        this.order = order;
        this.file = file;
        long start = headerBytes;
        for (Entry entry : order) {
            spans.put(entry.name(), new Span(start, entry.bytes()));
            start += entry.bytes();
        }
        this.total = start;
    }

    /** Begins a file: the header is written at once, the tensors' data must follow in order. */
    public static SafetensorsWriter create(
            Path path, Collection<Entry> entries, Map<String, String> metadata) {
        List<Entry> order =
                entries.stream()
                        .sorted(
                                Comparator.comparingInt((Entry e) -> TYPE_ORDER.indexOf(e.dtype()))
                                        .thenComparing(Entry::name))
                        .toList();
        byte[] header = header(order, metadata);
        SafetensorsWriter writer = open(path, order, header.length);
        try {
            writer.append(ByteBuffer.wrap(header));
            return writer;
        } catch (PlumblineException e) {
            writer.close();
            throw e;
        }
    }

    private static SafetensorsWriter open(Path path, List<Entry> order, int headerBytes) {
        try {
            return new SafetensorsWriter(path, order, headerBytes, AtomicFile.create(path));
        } catch (IOException e) {
            throw Faults.unwritable(path, headerBytes, e);
        }
    }

    /** Writes a whole file of tensors that are in memory. */
    public static void write(Path path, Map<String, Tensor> tensors, Map<String, String> metadata) {
        List<Entry> entries = new ArrayList<>();
        tensors.forEach((name, t) -> entries.add(new Entry(name, t.dtype(), t.shape())));
        try (SafetensorsWriter writer = create(path, entries, metadata)) {
            for (Entry entry : writer.order()) {
                writer.append(requireNonNull(tensors.get(entry.name())));
            }
            writer.commit();
        }
    }

    /** The tensors in the order in which their data must come. */
    public List<Entry> order() {
        return order;
    }

    /** Size of the finished file in bytes. */
    public long totalBytes() {
        return total;
    }

    /** Appends the data of the next tensor. */
    public void append(Tensor tensor) {
        for (long at = 0; at < tensor.byteSize(); at += CHUNK_BYTES) {
            append(tensor.bytes(at, (int) Math.min(CHUNK_BYTES, tensor.byteSize() - at)));
        }
    }

    /** Appends the next bytes of the data, for a tensor that comes in pieces. */
    public void append(ByteBuffer bytes) {
        if (written.addAndGet(bytes.remaining()) > total) {
            throw new IllegalStateException("more data than announced for " + path);
        }
        try {
            file.append(bytes);
        } catch (IOException e) {
            throw Faults.unwritable(path, total, e);
        }
    }

    /**
     * Writes a part of a tensor's data, from any thread and in any order, in place of {@link
     * #append}; every byte must come exactly once.
     *
     * @param offset from the first byte of the tensor
     */
    void write(String name, long offset, ByteBuffer bytes) {
        Span span = spans.get(name);
        if (span == null || offset < 0 || offset > span.bytes() - bytes.remaining()) {
            throw new IllegalArgumentException(
                    "no %d bytes at %d of %s".formatted(bytes.remaining(), offset, name));
        }
        written.addAndGet(bytes.remaining());
        try {
            file.write(bytes, span.start() + offset);
        } catch (IOException e) {
            throw Faults.unwritable(path, total, e);
        }
    }

    /** Makes the file appear, all of it on disk. */
    public void commit() {
        if (written.get() != total) {
            throw new IllegalStateException(
                    "%d of %d bytes written to %s".formatted(written.get(), total, path));
        }
        try {
            file.commit();
        } catch (IOException e) {
            throw Faults.unwritable(path, total, e);
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw Faults.unwritable(path, total, e);
        }
    }

    /** Length and JSON, padded with spaces so that the data begin at a multiple of 8. */
    private static byte[] header(List<Entry> order, Map<String, String> metadata) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode node = json.putObject(SafetensorsHeader.METADATA);
            new TreeMap<>(metadata).forEach(node::put);
        }
        long offset = 0;
        for (Entry entry : order) {
            ObjectNode node = json.putObject(entry.name()).put("dtype", dtype(entry));
            ArrayNode shape = node.putArray("shape");
            entry.shape().sizes().forEach(shape::add);
            node.putArray("data_offsets").add(offset).add(offset + entry.bytes());
            offset += entry.bytes();
        }
        return padded(bytes(json));
    }

    private static String dtype(Entry entry) {
        return entry.dtype().safetensorsName();
    }

    private static byte[] bytes(ObjectNode json) {
        try {
            return Json.MAPPER.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] padded(byte[] json) {
        int length = Math.ceilDiv(json.length, 8) * 8;
        ByteBuffer header =
                ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES + length)
                        .order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(length).put(json);
        while (header.hasRemaining()) {
            header.put((byte) ' ');
        }
        return header.array();
    }
}
