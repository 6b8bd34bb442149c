package dev.plumbline.spi;

/** Chooses for one row after the other, called from one thread at a time. */
@FunctionalInterface
public interface Chooser extends AutoCloseable {
    /** Chooses {@code selection.k()} candidates, or makes as many pictures. */
    Choice choose(Selection selection);

    /** Nothing is chosen any more. */
    @Override
    default void close() {}
}
