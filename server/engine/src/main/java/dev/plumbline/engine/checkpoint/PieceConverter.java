package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.BlockQuantizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Map;

/** Reads pieces of weights, converts and writes them, with buffers of its own; for one thread. */
final class PieceConverter {
    /** Every fp32 number that is neither infinite nor a NaN is smaller, as an integer. */
    private static final int INFINITY_BITS = 0x7F80_0000;

    private final SafetensorsWriter writer;
    private final FloatConversion conversion = new FloatConversion();
    private ByteBuffer source = buffer(0);
    private ByteBuffer target = buffer(0);
    private float[] values = new float[0];

    PieceConverter(SafetensorsWriter writer) {
        this.writer = writer;
    }

    /**
     * @param file the one in which the piece lies
     */
    void convert(WeightPiece piece, FileChannel file) {
        source = withRoom(source, piece.sourceBytes());
        read(piece, file);
        if (values.length < piece.count()) {
            values = new float[piece.count()];
        }
        WeightPart part = piece.part();
        conversion.widen(part.source().dtype(), source, values);
        if (part.storage().isQuantized()) {
            quantize(piece);
        } else {
            target = withRoom(target, piece.count() * Float.BYTES);
            target.asFloatBuffer().put(values, 0, piece.count());
            writer.write(part.name(), piece.from() * Float.BYTES, target);
        }
    }

    private void read(WeightPiece piece, FileChannel file) {
        try {
            for (long at = piece.sourceOffset(); source.hasRemaining(); ) {
                int count = file.read(source, at);
                if (count < 0) {
                    throw Faults.damaged(piece.part().source().file(), "it ends too early");
                }
                at += count;
            }
            source.flip();
        } catch (IOException e) {
            throw Faults.unreadable(piece.part().source().file(), e);
        }
    }

    private void quantize(WeightPiece piece) {
        WeightPart part = piece.part();
        BlockQuantizer quantizer = new BlockQuantizer(part.storage().bits());
        int columns = Math.toIntExact(part.columns());
        int rows = piece.count() / columns;
        byte[] numbers = new byte[Math.toIntExact(quantizer.bytesPerRow(columns))];
        float[] scales = new float[Math.toIntExact(quantizer.scalesPerRow(columns))];
        int scaleBytes = rows * scales.length * Float.BYTES;
        target = withRoom(target, rows * numbers.length + scaleBytes);
        float[] row = new float[columns];
        for (int i = 0; i < rows; i++) {
            System.arraycopy(values, i * columns, row, 0, columns);
            requireFinite(row, part);
            quantizer.quantize(row, numbers, scales);
            target.position(scaleBytes + i * numbers.length).put(numbers);
            target.slice(i * scales.length * Float.BYTES, scales.length * Float.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .put(scales);
        }
        long first = piece.from() / columns;
        ByteBuffer whole = target.rewind();
        writer.write(
                part.scalesName(), first * scales.length * Float.BYTES, whole.slice(0, scaleBytes));
        writer.write(
                part.name(),
                first * numbers.length,
                whole.slice(scaleBytes, rows * numbers.length));
    }

    private static void requireFinite(float[] row, WeightPart part) {
        int largest = 0;
        for (float weight : row) {
            largest = Math.max(largest, Float.floatToRawIntBits(weight) & Integer.MAX_VALUE);
        }
        if (largest >= INFINITY_BITS) {
            WeightEntry entry = part.source();
            throw new PlumblineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "WEIGHT_NOT_FINITE",
                    "tensor %s in %s holds a NaN or an infinity, which cannot be quantized; fetch the file again or load it in fp32"
                            .formatted(entry.name(), entry.file()),
                    Map.of("file", entry.file().toString(), "tensor", entry.name()));
        }
    }

    /** Room for exactly so many bytes, from the beginning of the buffer or of a larger one. */
    private static ByteBuffer withRoom(ByteBuffer buffer, int bytes) {
        ByteBuffer roomy = buffer.capacity() < bytes ? buffer(bytes) : buffer;
        return roomy.clear().limit(bytes);
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
