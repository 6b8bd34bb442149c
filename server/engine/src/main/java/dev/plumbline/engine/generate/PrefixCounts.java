package dev.plumbline.engine.generate;

/** What reusing the beginnings of prompts has done, counted since the model was loaded. */
public final class PrefixCounts {
    private volatile Snapshot snapshot = new Snapshot(0, 0, 0, 0, 0);

    PrefixCounts() {}

    /**
     * At one moment.
     *
     * @param lookups prompts looked up
     * @param hits those of which something was known
     * @param tokensSaved that did not have to be read again
     * @param evictions blocks given up for others
     * @param bytes held now
     */
    public record Snapshot(long lookups, long hits, long tokensSaved, long evictions, long bytes) {}

    public Snapshot get() {
        return snapshot;
    }

    /** Written by one thread only. */
    void lookup(int tokens) {
        Snapshot s = snapshot;
        snapshot =
                new Snapshot(
                        s.lookups + 1,
                        s.hits + (tokens > 0 ? 1 : 0),
                        s.tokensSaved + tokens,
                        s.evictions,
                        s.bytes);
    }

    void evicted() {
        Snapshot s = snapshot;
        snapshot = new Snapshot(s.lookups, s.hits, s.tokensSaved, s.evictions + 1, s.bytes);
    }

    void holds(long bytes) {
        Snapshot s = snapshot;
        snapshot = new Snapshot(s.lookups, s.hits, s.tokensSaved, s.evictions, bytes);
    }
}
