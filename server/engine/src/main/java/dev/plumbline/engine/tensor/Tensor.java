package dev.plumbline.engine.tensor;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Numbers with a shape over native memory, row-major and contiguous: owned, and collected with the
 * last object that refers to it, or a view of a mapped file or of a result.
 *
 * <p>Owned memory counts against {@code -XX:MaxDirectMemorySize}.
 */
public final class Tensor {
    /** A cache line, and what vector units like best. */
    static final long ALIGNMENT = 64;

    private final DType dtype;
    private final Shape shape;
    private final MemorySegment segment;

    private Tensor(DType dtype, Shape shape, MemorySegment segment) {
        this.dtype = dtype;
        this.shape = shape;
        this.segment = segment;
    }

    /** A tensor of zeros that owns its memory. */
    public static Tensor zeros(DType dtype, Shape shape) {
        long bytes = dtype.bytes(shape.elements());
        return new Tensor(dtype, shape, Arena.ofAuto().allocate(bytes, ALIGNMENT));
    }

    /** A tensor of F32 with these values. */
    public static Tensor of(Shape shape, float... values) {
        Tensor tensor = zeros(DType.F32, shape);
        tensor.copyFrom(values);
        return tensor;
    }

    /** A tensor of F64 with these values. */
    public static Tensor ofDoubles(Shape shape, double... values) {
        Tensor tensor = zeros(DType.F64, shape);
        tensor.requireElements(values.length);
        MemorySegment.copy(values, 0, tensor.segment, JAVA_DOUBLE, 0, values.length);
        return tensor;
    }

    /** A tensor of I64 with these values. */
    public static Tensor of(Shape shape, long... values) {
        Tensor tensor = zeros(DType.I64, shape);
        tensor.requireElements(values.length);
        MemorySegment.copy(values, 0, tensor.segment, JAVA_LONG, 0, values.length);
        return tensor;
    }

    /** A tensor of I32 with these values. */
    public static Tensor ofInts(Shape shape, int... values) {
        Tensor tensor = zeros(DType.I32, shape);
        tensor.requireElements(values.length);
        MemorySegment.copy(values, 0, tensor.segment, JAVA_INT, 0, values.length);
        return tensor;
    }

    /** A tensor over memory that someone else owns, of exactly the right size. */
    public static Tensor view(DType dtype, Shape shape, MemorySegment segment) {
        long bytes = dtype.bytes(shape.elements());
        if (bytes != segment.byteSize()) {
            throw new IllegalArgumentException(
                    "%s%s takes %d bytes, not %d"
                            .formatted(dtype, shape, bytes, segment.byteSize()));
        }
        return new Tensor(dtype, shape, segment);
    }

    public DType dtype() {
        return dtype;
    }

    public Shape shape() {
        return shape;
    }

    /** Size of all elements in bytes. */
    public long byteSize() {
        return segment.byteSize();
    }

    /** The memory itself, for the runtime; it keeps its owner alive. */
    public MemorySegment segment() {
        return segment;
    }

    /**
     * Lets go of the physical memory of a mapped file, which is read again when it is next used.
     * Does nothing to memory of its own.
     */
    public void unload() {
        if (segment.isMapped()) {
            segment.unload();
        }
    }

    /** A window of the raw bytes in native order, for reading and writing files in bulk. */
    public ByteBuffer bytes(long offset, int count) {
        return segment.asSlice(offset, count).asByteBuffer().order(ByteOrder.nativeOrder());
    }

    /** A copy of all elements, widened or rounded to {@code float} from any floating type. */
    public float[] toFloats() {
        float[] values = new float[Math.toIntExact(shape.elements())];
        if (dtype == DType.F32) {
            MemorySegment.copy(segment, JAVA_FLOAT_UNALIGNED, 0, values, 0, values.length);
        } else {
            for (int i = 0; i < values.length; i++) {
                values[i] = Elements.getFloat(dtype, segment, i);
            }
        }
        return values;
    }

    /** A copy of all elements of a tensor of F64. */
    public double[] toDoubles() {
        requireType(DType.F64);
        return segment.toArray(JAVA_DOUBLE_UNALIGNED);
    }

    /** A copy of all elements of any integer type; BOOL gives 0 and 1. */
    public long[] toLongs() {
        long[] values = new long[Math.toIntExact(shape.elements())];
        if (dtype == DType.I64) {
            MemorySegment.copy(segment, JAVA_LONG_UNALIGNED, 0, values, 0, values.length);
        } else {
            for (int i = 0; i < values.length; i++) {
                values[i] = Elements.getLong(dtype, segment, i);
            }
        }
        return values;
    }

    /** Overwrites all elements; there must be as many values as elements. */
    public void copyFrom(float[] values) {
        requireElements(values.length);
        if (dtype == DType.F32) {
            MemorySegment.copy(values, 0, segment, JAVA_FLOAT_UNALIGNED, 0, values.length);
        } else {
            for (int i = 0; i < values.length; i++) {
                Elements.setFloat(dtype, segment, i, values[i]);
            }
        }
    }

    /** Copies elements of a tensor of F32, from a flat index on, into an array. */
    public void read(long from, float[] into, int at, int count) {
        requireType(DType.F32);
        MemorySegment.copy(segment, JAVA_FLOAT_UNALIGNED, from * Float.BYTES, into, at, count);
    }

    /** Copies elements of a tensor of F64, from a flat index on, into an array. */
    public void read(long from, double[] into, int at, int count) {
        requireType(DType.F64);
        MemorySegment.copy(segment, JAVA_DOUBLE_UNALIGNED, from * Double.BYTES, into, at, count);
    }

    /** Overwrites elements of a tensor of F32, from a flat index on. */
    public void write(long to, float[] values) {
        requireType(DType.F32);
        MemorySegment.copy(
                values, 0, segment, JAVA_FLOAT_UNALIGNED, to * Float.BYTES, values.length);
    }

    private void requireType(DType wanted) {
        if (dtype != wanted) {
            throw new IllegalStateException(this + " is not of type " + wanted);
        }
    }

    /** Overwrites all elements with those of a tensor of the same type and number of elements. */
    public void copyFrom(Tensor other) {
        if (other.dtype != dtype || other.byteSize() != byteSize()) {
            throw new IllegalArgumentException(other + " does not fit into " + this);
        }
        segment.copyFrom(other.segment);
    }

    /** Overwrites {@code count} elements from a flat index on with as many of another tensor. */
    public void copyFrom(long to, Tensor other, long from, long count) {
        if (other.dtype != dtype) {
            throw new IllegalArgumentException(other + " is not of the type of " + this);
        }
        long size = dtype.bytes();
        MemorySegment.copy(other.segment, from * size, segment, to * size, count * size);
    }

    /** The element at a flat index, from any floating type. */
    public float getFloat(long index) {
        return Elements.getFloat(dtype, segment, index);
    }

    public void setFloat(long index, float value) {
        Elements.setFloat(dtype, segment, index, value);
    }

    /** Overwrites the element at a flat index of a tensor of I32, I64 or BOOL. */
    public void setLong(long index, long value) {
        Elements.setLong(dtype, segment, index, value);
    }

    /** The same memory under another shape of as many elements. */
    public Tensor reshape(Shape other) {
        if (other.elements() != shape.elements()) {
            throw new IllegalArgumentException(this + " cannot take the shape " + other);
        }
        return new Tensor(dtype, other, segment);
    }

    /** A view of the rows {@code from} (inclusive) to {@code to} (exclusive) of the first axis. */
    public Tensor slice(long from, long to) {
        if (shape.rank() == 0 || from < 0 || from > to || to > shape.get(0)) {
            throw new IndexOutOfBoundsException(
                    "rows %d to %d are not all in %s".formatted(from, to, this));
        }
        List<Long> sizes = new ArrayList<>(shape.sizes());
        sizes.set(0, to - from);
        long row = shape.get(0) == 0 ? 0 : byteSize() / shape.get(0);
        return new Tensor(dtype, new Shape(sizes), segment.asSlice(from * row, (to - from) * row));
    }

    /** Type and shape, such as {@code F32[2, 3]}; never the elements. */
    @Override
    public String toString() {
        return dtype + shape.toString();
    }

    private void requireElements(long count) {
        if (count != shape.elements()) {
            throw new IllegalArgumentException(count + " values do not fill " + this);
        }
    }
}
