package dev.plumbline.engine.bench;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/** How fast some threads can read main memory: sums of 2 GiB outside the heap, the best of some. */
final class ReadBandwidth {
    private static final long BYTES = 2L << 30;
    private static final int PIECE = 1 << 21;
    private static final int REPEATS = 8;

    /** Where sums go, so that nothing is left out. */
    private static final AtomicLong SUM = new AtomicLong();

    private ReadBandwidth() {}

    /** In bytes a second. */
    static double measure(int threads) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(BYTES, 64).fill((byte) 3);
            double most = 0;
            for (int i = 0; i < REPEATS; i++) {
                most = Math.max(most, BYTES / seconds(memory, threads));
            }
            return most;
        }
    }

    private static double seconds(MemorySegment memory, int threads) {
        long start = System.nanoTime();
        Thread[] readers = new Thread[threads];
        long share = BYTES / threads / PIECE * PIECE;
        for (int i = 0; i < threads; i++) {
            MemorySegment part = memory.asSlice(i * share, share);
            readers[i] = Thread.ofPlatform().start(() -> SUM.addAndGet(sum(part)));
        }
        for (Thread reader : readers) {
            join(reader);
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private static long sum(MemorySegment memory) {
        long sum = 0;
        for (long at = 0; at < memory.byteSize(); at += PIECE) {
            sum += sumPiece(memory.asSlice(at, PIECE));
        }
        return sum;
    }

    /** Four streams at once, in a loop that the compiler turns into vector instructions. */
    private static long sumPiece(MemorySegment piece) {
        int quarter = PIECE / Long.BYTES / 4;
        long a = 0;
        long b = 0;
        long c = 0;
        long d = 0;
        for (int i = 0; i < quarter; i++) {
            a += piece.getAtIndex(JAVA_LONG, i);
            b += piece.getAtIndex(JAVA_LONG, i + quarter);
            c += piece.getAtIndex(JAVA_LONG, i + 2 * quarter);
            d += piece.getAtIndex(JAVA_LONG, i + 3 * quarter);
        }
        return a + b + c + d;
    }

    static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
