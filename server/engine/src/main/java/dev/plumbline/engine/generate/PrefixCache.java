package dev.plumbline.engine.generate;

import dev.plumbline.engine.model.ModelFacts;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.LazyMemory;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values of prompts that were read, in blocks of some tokens that follow one another, so
 * that prompts with the same beginning share it. Bounded in bytes; the block that was needed
 * longest ago goes first, and never before those that follow it. For one thread, but for the
 * counters.
 */
final class PrefixCache implements AutoCloseable {
    /** Small, as up to a block of a known prompt is read again, and large next to a cache line. */
    static final int BLOCK = 16;

    private final Shape shape;
    private final int capacity;
    private final LazyMemory memory;
    private final LinkedHashMap<Key, Block> blocks = new LinkedHashMap<>(16, 0.75f, true);
    private final PrefixCounts counts = new PrefixCounts();
    private int places;
    private long uses;

    /**
     * A block's tokens and what stands before them.
     *
     * @param parent the block before; the adapter's digest, or nothing, where there is none
     */
    private record Key(Object parent, TokenKeys tokens) {}

    private static final class Block {
        private final Tensor kept;
        private final int place;
        private long lastUse;

        Block(Tensor kept, int place) {
            this.kept = kept;
            this.place = place;
        }
    }

    PrefixCache(ModelFacts facts, long bytes) {
        this.shape = Shape.of(facts.layers(), 2, facts.keyValueHeads(), BLOCK, facts.headDim());
        this.capacity = Math.toIntExact(Math.min(bytes / blockBytes(), Integer.MAX_VALUE));
        this.memory = LazyMemory.allocate(Math.max(1, capacity) * blockBytes());
    }

    private long blockBytes() {
        return LazyMemory.aligned(shape.elements() * Float.BYTES);
    }

    PrefixCounts counts() {
        return counts;
    }

    /**
     * Copies as much of a prompt's beginning as is known into a row.
     *
     * @param adapter its digest; empty for the model alone
     * @param most tokens wanted at most
     * @return how many tokens the row holds now
     */
    int restore(String adapter, TokenKeys prompt, int most, KeyValueBuffer buffer, int row) {
        List<Block> path = known(adapter, prompt, most / BLOCK);
        for (int i = 0; i < path.size(); i++) {
            buffer.restore(row, i * BLOCK, BLOCK, path.get(i).kept);
        }
        counts.lookup(path.size() * BLOCK);
        return path.size() * BLOCK;
    }

    /** Keeps the whole blocks of a prompt whose keys and values a row holds. */
    void store(String adapter, TokenKeys prompt, KeyValueBuffer buffer, int row) {
        int whole = prompt.size() / BLOCK;
        List<Block> path = known(adapter, prompt, whole);
        Object parent = path.isEmpty() ? adapter : path.getLast();
        for (int i = path.size(); i < whole; i++) {
            int place = place();
            if (place < 0) {
                break;
            }
            Tensor kept = memory.tensor(DType.F32, shape, place * blockBytes());
            buffer.save(row, i * BLOCK, BLOCK, kept);
            Block block = new Block(kept, place);
            block.lastUse = uses;
            blocks.put(key(parent, prompt, i), block);
            parent = block;
        }
        // Once more, so that the first blocks are the last to go.
        known(adapter, prompt, whole);
        counts.holds(blocks.size() * blockBytes());
    }

    /** The blocks known of a prompt, marked as needed now, the first of them last. */
    private List<Block> known(String adapter, TokenKeys prompt, int most) {
        uses++;
        List<Key> keys = new ArrayList<>();
        List<Block> path = new ArrayList<>();
        Object parent = adapter;
        while (path.size() < most) {
            Key key = key(parent, prompt, path.size());
            Block block = blocks.get(key);
            if (block == null) {
                break;
            }
            block.lastUse = uses;
            keys.add(key);
            path.add(block);
            parent = block;
        }
        keys.reversed().forEach(blocks::get);
        return path;
    }

    private static Key key(Object parent, TokenKeys prompt, int index) {
        return new Key(parent, prompt.part(index * BLOCK, (index + 1) * BLOCK));
    }

    /** Where a block can be kept; -1 where only blocks that are needed now could make room. */
    private int place() {
        if (places < capacity) {
            return places++;
        }
        Map.@Nullable Entry<Key, Block> eldest = blocks.firstEntry();
        if (eldest == null || eldest.getValue().lastUse == uses) {
            return -1;
        }
        blocks.remove(eldest.getKey());
        counts.evicted();
        return eldest.getValue().place;
    }

    @Override
    public void close() {
        blocks.clear();
        memory.close();
    }
}
