package dev.plumbline.engine.graph;

import dev.plumbline.engine.tensor.DType;
import java.util.List;

/** One tensor of a graph: made by its builder, known by identity, with an element type and dims. */
public final class Value {
    private final GraphBuilder builder;
    private final String name;
    private final DType dtype;
    private final List<Dim> dims;

    Value(GraphBuilder builder, String name, DType dtype, List<Dim> dims) {
        this.builder = builder;
        this.name = name;
        this.dtype = dtype;
        this.dims = List.copyOf(dims);
    }

    /** The graph under construction that this value belongs to. */
    public GraphBuilder builder() {
        return builder;
    }

    /** Unique within its graph. */
    public String name() {
        return name;
    }

    public DType dtype() {
        return dtype;
    }

    public List<Dim> dims() {
        return dims;
    }

    public int rank() {
        return dims.size();
    }

    /** The dimension of an axis; a negative axis counts from the end. */
    public Dim dim(int axis) {
        return dims.get(axis < 0 ? rank() + axis : axis);
    }

    /** The size of an axis that is known when the graph is built. */
    public long size(int axis) {
        if (dim(axis) instanceof Dim.Fixed(long size)) {
            return size;
        }
        throw new IllegalArgumentException("axis " + axis + " of " + this + " has no fixed size");
    }

    /** Name, type and dims, such as {@code hidden: F32[B, S, 64]}. */
    @Override
    public String toString() {
        return name + ": " + dtype + dims;
    }
}
