package dev.plumbline.engine.select;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.select.PoolFile.Skipped;
import dev.plumbline.engine.select.PoolListener.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which pictures a source holds, each once, by id. */
final class PoolInventory implements PoolSource.Taker {
    private final PoolExclusions exclusions;
    private final Pictures pictures;
    private final PoolListener listener;
    private final long total;
    private final List<PoolEntry> found = new ArrayList<>();
    private final List<Skipped> skipped = new ArrayList<>();
    private int excluded;
    private long taken;

    private PoolInventory(
            PoolExclusions exclusions, Path folder, PoolListener listener, long total) {
        this.exclusions = exclusions;
        this.pictures = new Pictures(folder);
        this.listener = listener;
        this.total = total;
    }

    /**
     * Reads a source.
     *
     * @param folder for pictures that are no files of their own
     */
    static PoolInventory of(
            PoolSource source, PoolExclusions exclusions, Path folder, PoolListener listener) {
        PoolInventory inventory = new PoolInventory(exclusions, folder, listener, source.count());
        source.take(inventory);
        return inventory;
    }

    /** Different pictures by id; of equal ones the first. */
    List<PoolEntry> distinct() {
        Set<String> digests = new HashSet<>();
        return found.stream()
                .sorted(Comparator.comparing(PoolEntry::id))
                .filter(entry -> digests.add(entry.digest()))
                .toList();
    }

    int found() {
        return found.size();
    }

    int excluded() {
        return excluded;
    }

    List<Skipped> skipped() {
        return skipped;
    }

    @Override
    public void file(String id, Path file) {
        if (!wanted(id)) {
            return;
        }
        try {
            found.add(
                    new PoolEntry(id, Digests.of(Files.readAllBytes(file)), file.toAbsolutePath()));
        } catch (IOException e) {
            skipped.add(new Skipped(id, "cannot be read: " + e.getMessage()));
        }
    }

    @Override
    public void bytes(String id, byte[] encoded) {
        if (wanted(id)) {
            Path file = pictures.kept(encoded, Pictures.ending(id));
            found.add(new PoolEntry(id, Digests.of(encoded), file.toAbsolutePath()));
        }
    }

    @Override
    public void nothing(String id, String why) {
        if (wanted(id)) {
            skipped.add(new Skipped(id, why));
        }
    }

    private boolean wanted(String id) {
        listener.cancellation().check();
        taken++;
        listener.progress(new Progress("reading", taken, total, 0, skipped.size()));
        if (exclusions.contains(id)) {
            excluded++;
            return false;
        }
        return true;
    }

    static PlumblineException nothingLeft(Path source, int skipped, int excluded) {
        return new PlumblineException(
                ErrorCode.INVALID_ARGUMENT,
                "POOL_EMPTY",
                "no picture of %s can be used: %d damaged, %d excluded"
                        .formatted(source, skipped, excluded),
                Map.of("field", "path", "path", source.toString()));
    }
}
