package dev.plumbline.engine.checkpoint;

import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Some consecutive elements of a weight, whole rows of it where it is quantized: what one thread
 * converts at a time.
 *
 * @param from index of the first element
 */
record WeightPiece(WeightPart part, long from, int count) {
    /** What a piece has at most, save for a longer row. */
    private static final long ELEMENTS = 1 << 20;

    /** All pieces of some weights, in order. */
    static List<WeightPiece> of(List<WeightPart> parts) {
        return parts.stream().flatMap(WeightPiece::of).toList();
    }

    private static Stream<WeightPiece> of(WeightPart part) {
        long row = part.storage().isQuantized() ? Math.max(1, part.columns()) : 1;
        long most = Math.max(1, ELEMENTS / row) * row;
        long elements = part.source().shape().elements();
        return LongStream.iterate(0, from -> from < elements, from -> from + most)
                .mapToObj(from ->
                        new WeightPiece(
                                part, from, Math.toIntExact(Math.min(most, elements - from))));
    }

    /** First byte in the checkpoint's file. */
    long sourceOffset() {
        return part.source().offset() + from * part.source().dtype().bytes();
    }

    int sourceBytes() {
        return Math.multiplyExact(count, part.source().dtype().bytes());
    }
}
