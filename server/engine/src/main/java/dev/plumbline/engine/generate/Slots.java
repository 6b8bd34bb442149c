package dev.plumbline.engine.generate;

import dev.plumbline.engine.model.ModelFacts;
import dev.plumbline.engine.tensor.LazyMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which sequence has which row of the cache, within a number of rows and a number of bytes. Room is
 * set aside for all that a sequence may become, so that none is ever stopped for want of memory.
 */
final class Slots implements AutoCloseable {
    /** Capacity grows by doubling from here. */
    private static final int LEAST_CAPACITY = 128;

    private final ModelFacts facts;
    private final @Nullable Sequence[] rows;
    private final long budgetTokens;

    /** Tokens for which a row holds memory, whoever wrote them. */
    private final int[] touched;

    private @Nullable KeyValueBuffer buffer;

    /**
     * @param bytes of keys and values at most
     */
    Slots(ModelFacts facts, int rows, long bytes) {
        this.facts = facts;
        this.budgetTokens = bytes / facts.cacheBytesPerToken();
        this.rows = new Sequence[LazyMemory.isLazy() ? rows : rowsOf(rows, facts.contextLength())];
        this.touched = new int[this.rows.length];
    }

    /** Where memory is taken at once: as many as the budget holds if all are long. */
    private int rowsOf(int wanted, int context) {
        return Math.clamp(budgetTokens / context, 1, wanted);
    }

    /**
     * Gives a sequence the first free row.
     *
     * @return false where it must wait until others have ended
     */
    boolean place(Sequence sequence) {
        int row = firstFree();
        int need = sequence.asked().need();
        if (row < 0 || !fits(row, need)) {
            return false;
        }
        reserve(need);
        rows[row] = sequence;
        touched[row] = Math.max(touched[row], need);
        sequence.moveTo(row);
        return true;
    }

    /** Takes a sequence's row away. */
    void release(Sequence sequence) {
        rows[sequence.row()] = null;
        sequence.moveTo(-1);
    }

    /** Moves the last of the sequences that are ready into the free rows before them. */
    void compact() {
        int last = lastReady();
        for (int hole = firstFree(); hole >= 0 && hole < last; hole = firstFree()) {
            Sequence sequence = Objects.requireNonNull(rows[last]);
            buffer().move(last, hole, sequence.length());
            touched[hole] = Math.max(touched[hole], sequence.asked().need());
            rows[hole] = sequence;
            rows[last] = null;
            sequence.moveTo(hole);
            if (touchedTokens() > budgetTokens) {
                discardFree();
            }
            last = lastReady();
        }
    }

    /** The sequences that have a row, first row first. */
    List<Sequence> sequences() {
        List<Sequence> all = new ArrayList<>();
        for (Sequence sequence : rows) {
            if (sequence != null) {
                all.add(sequence);
            }
        }
        return all;
    }

    @Nullable Sequence at(int row) {
        return rows[row];
    }

    KeyValueBuffer buffer() {
        return Objects.requireNonNull(buffer);
    }

    boolean isEmpty() {
        return firstFree() == 0 && sequences().isEmpty();
    }

    /** Tokens for which memory may be held now. */
    long touchedTokens() {
        return Arrays.stream(touched).asLongStream().sum();
    }

    /** Gives all memory back; nobody may have a row. */
    @Override
    public void close() {
        if (buffer != null) {
            buffer.close();
            buffer = null;
        }
        Arrays.fill(touched, 0);
    }

    private boolean fits(int row, int need) {
        long others = touchedTokens() - touched[row];
        if (others + Math.max(touched[row], need) <= budgetTokens) {
            return true;
        }
        discardFree();
        return touchedTokens() + need <= budgetTokens;
    }

    /** Rows that nobody has may still hold memory that somebody wrote to. */
    private void discardFree() {
        for (int row = 0; row < rows.length; row++) {
            if (rows[row] == null && touched[row] > 0) {
                buffer().discard(row);
                touched[row] = 0;
            }
        }
    }

    private void reserve(int need) {
        KeyValueBuffer old = buffer;
        if (old != null && old.capacity() >= need) {
            return;
        }
        int capacity = old == null ? LEAST_CAPACITY : old.capacity();
        while (capacity < need) {
            capacity *= 2;
        }
        KeyValueBuffer larger =
                new KeyValueBuffer(facts, rows.length, Math.min(capacity, facts.contextLength()));
        buffer = larger;
        if (old != null) {
            for (Sequence sequence : sequences()) {
                larger.copyRow(old, sequence.row(), sequence.row(), sequence.length());
            }
            old.close();
        }
        for (int row = 0; row < rows.length; row++) {
            Sequence sequence = rows[row];
            touched[row] = sequence == null ? 0 : sequence.asked().need();
        }
    }

    private int firstFree() {
        for (int row = 0; row < rows.length; row++) {
            if (rows[row] == null) {
                return row;
            }
        }
        return -1;
    }

    private int lastReady() {
        for (int row = rows.length - 1; row >= 0; row--) {
            Sequence sequence = rows[row];
            if (sequence != null && sequence.isReady()) {
                return row;
            }
        }
        return -1;
    }
}
