package dev.plumbline.engine.generate;

import dev.plumbline.engine.model.ModelFacts;
import dev.plumbline.engine.runtime.Binding;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.LazyMemory;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys and values of all sequences under way, which the model reads and writes in place: two
 * tensors [rows, kv_heads, capacity, width] a layer, a row a sequence. Rows beside each other are
 * bound as one batch without a copy; memory is taken only for what a row has held.
 */
final class KeyValueBuffer implements AutoCloseable {
    private final ModelFacts facts;
    private final int rows;
    private final int capacity;
    private final LazyMemory memory;

    /** Keys of the first layer, its values, keys of the second, … */
    private final List<Tensor> tensors = new ArrayList<>();

    /**
     * @param rows most sequences at a time
     * @param capacity most tokens of one
     */
    KeyValueBuffer(ModelFacts facts, int rows, int capacity) {
        this.facts = facts;
        this.rows = rows;
        this.capacity = capacity;
        Shape shape = Shape.of(rows, facts.keyValueHeads(), capacity, facts.headDim());
        long bytes = LazyMemory.aligned(Math.multiplyExact(shape.elements(), Float.BYTES));
        this.memory = LazyMemory.allocate(Math.multiplyExact(bytes, 2 * facts.layers()));
        for (int i = 0; i < 2 * facts.layers(); i++) {
            tensors.add(memory.tensor(DType.F32, shape, i * bytes));
        }
    }

    int rows() {
        return rows;
    }

    int capacity() {
        return capacity;
    }

    /** Has a decoder read and write the rows {@code from} to {@code to}. */
    void bind(Binding binding, int from, int to) {
        for (int i = 0; i < tensors.size(); i++) {
            String name = (i / 2) + (i % 2 == 0 ? ".key" : ".value");
            Tensor view = tensors.get(i).slice(from, to);
            binding.input("past." + name, view);
            binding.output("present." + name, view);
        }
    }

    /** Copies the first tokens of one row over another. */
    void move(int from, int to, int tokens) {
        copyRow(this, from, to, tokens);
    }

    /** Takes over the first tokens of a row of another buffer. */
    void copyRow(KeyValueBuffer other, int from, int to, int tokens) {
        for (int i = 0; i < tensors.size(); i++) {
            for (int head = 0; head < facts.keyValueHeads(); head++) {
                tensors.get(i)
                        .copyFrom(
                                at(to, head, 0),
                                other.tensors.get(i),
                                other.at(from, head, 0),
                                (long) tokens * facts.headDim());
            }
        }
    }

    /**
     * Copies some tokens of a row to where they are kept.
     *
     * @param kept [layers, 2, kv_heads, tokens, width]
     */
    void save(int row, int first, int tokens, Tensor kept) {
        long part = (long) tokens * facts.headDim();
        long offset = 0;
        for (Tensor tensor : tensors) {
            for (int head = 0; head < facts.keyValueHeads(); head++) {
                kept.copyFrom(offset, tensor, at(row, head, first), part);
                offset += part;
            }
        }
    }

    /** The way back from {@link #save}. */
    void restore(int row, int first, int tokens, Tensor kept) {
        long part = (long) tokens * facts.headDim();
        long offset = 0;
        for (Tensor tensor : tensors) {
            for (int head = 0; head < facts.keyValueHeads(); head++) {
                tensor.copyFrom(at(row, head, first), kept, offset, part);
                offset += part;
            }
        }
    }

    /** Gives back the memory of a row, whose elements are anything from then on. */
    void discard(int row) {
        tensors.forEach(tensor -> memory.discard(tensor.slice(row, row + 1)));
    }

    private long at(int row, int head, int token) {
        return (((long) row * facts.keyValueHeads() + head) * capacity + token) * facts.headDim();
    }

    @Override
    public void close() {
        memory.close();
    }
}
