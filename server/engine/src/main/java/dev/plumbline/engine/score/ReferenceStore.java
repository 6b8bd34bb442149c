package dev.plumbline.engine.score;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Log-probabilities of answer tokens under one model without adapters, by content, in a folder of
 * segments. Several processes may have the folder open: each appends to a segment of its own, and
 * sees what the others had written when it opened the folder. Only an index is kept in memory. The
 * folder may be deleted at any time.
 *
 * <p>It saves work, so that no failure of its own fails what asks it: a value that cannot be kept
 * or read is computed again.
 */
public final class ReferenceStore implements AutoCloseable {
    private static final String SUFFIX = ".segment";
    private static final int PLACE_BITS = 40;
    private static final long PLACE = (1L << PLACE_BITS) - 1;

    /** Segments are given up as a whole. */
    private static final int SEGMENTS = 16;

    private final Path folder;
    private final long segmentBytes;
    private final long mostBytes;
    private final Consumer<String> warnings;
    private final PlaceTable index = new PlaceTable();
    private final List<Optional<Segment>> segments = new ArrayList<>();
    private Optional<Segment> own = Optional.empty();
    private boolean writable = true;

    private ReferenceStore(Path folder, long mostBytes, Consumer<String> warnings) {
        this.folder = folder;
        this.mostBytes = mostBytes;
        this.segmentBytes = Math.min(PLACE, Math.max(1, mostBytes / SEGMENTS));
        this.warnings = warnings;
    }

    /**
     * Opens a folder, which is made if need be.
     *
     * @param mostBytes beyond which the oldest values are given up
     * @param warnings told, once, of a folder that cannot be used
     */
    public static ReferenceStore open(Path folder, long mostBytes, Consumer<String> warnings) {
        ReferenceStore store = new ReferenceStore(folder, mostBytes, warnings);
        try {
            Files.createDirectories(folder);
            for (Path file : files(folder)) {
                store.add(Segment.open(file, store.own.isEmpty() && store.hasRoom(file)));
            }
            store.evict();
        } catch (IOException e) {
            store.warn(e);
        }
        return store;
    }

    /** The oldest first. */
    private static List<Path> files(Path folder) throws IOException {
        record Dated(Path file, FileTime time) {}
        List<Dated> dated = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(SUFFIX)).toList()) {
                dated.add(new Dated(file, Files.getLastModifiedTime(file)));
            }
        }
        return dated.stream()
                .sorted(Comparator.comparing(Dated::time).thenComparing(Dated::file))
                .map(Dated::file)
                .toList();
    }

    private boolean hasRoom(Path file) throws IOException {
        return Files.size(file) < segmentBytes;
    }

    private void add(Segment segment) throws IOException {
        long number = segments.size();
        segments.add(Optional.of(segment));
        segment.scan((key, place) -> index.put(key.head(), number << PLACE_BITS | place));
        if (segment.isOwn()) {
            own = Optional.of(segment);
        }
    }

    /** Values that were kept, bit for bit. */
    synchronized Optional<float[]> find(ReferenceKey key) {
        long found = index.get(key.head());
        if (found == 0) {
            return Optional.empty();
        }
        Optional<Segment> segment = segments.get((int) (found >>> PLACE_BITS));
        if (segment.isEmpty()) {
            return Optional.empty();
        }
        try {
            return segment.get().read(found & PLACE, key);
        } catch (IOException e) {
            warn(e);
            return Optional.empty();
        }
    }

    synchronized void keep(ReferenceKey key, float[] values) {
        if (!writable) {
            return;
        }
        try {
            Segment segment = segment();
            long place = segment.append(key, values);
            long number = segments.indexOf(own);
            index.put(key.head(), number << PLACE_BITS | place);
        } catch (IOException e) {
            warn(e);
        }
    }

    /** The one to append to. */
    private Segment segment() throws IOException {
        if (own.isEmpty() || own.get().end() >= segmentBytes) {
            Files.createDirectories(folder);
            add(Segment.create(folder.resolve(UUID.randomUUID() + SUFFIX)));
            evict();
        }
        return own.orElseThrow(() -> new IOException("files cannot be locked in " + folder));
    }

    /** Gives the oldest segments up; the one that is being written stays. */
    private void evict() throws IOException {
        long bytes =
                segments.stream().flatMap(Optional::stream).mapToLong(Segment::end).sum()
                        + segmentBytes;
        for (int i = 0; i < segments.size() && bytes > mostBytes; i++) {
            Optional<Segment> segment = segments.get(i);
            if (segment.isPresent() && !segment.equals(own)) {
                bytes -= segment.get().end();
                segments.set(i, Optional.empty());
                segment.get().close();
                Files.deleteIfExists(segment.get().file());
            }
        }
    }

    /** After a failure to write nothing more is written: a full disk is not to be filled again. */
    private void warn(IOException e) {
        if (writable) {
            writable = false;
            warnings.accept(
                    "reference log-probabilities are computed, but no longer kept in %s: %s"
                            .formatted(folder, e));
        }
    }

    /** Sequences that are known. */
    public synchronized int size() {
        return index.size();
    }

    @Override
    public synchronized void close() {
        writable = false;
        for (Optional<Segment> segment : segments) {
            try {
                if (segment.isPresent()) {
                    segment.get().close();
                }
            } catch (IOException e) {
                warnings.accept(segment.get().file() + " cannot be closed: " + e);
            }
        }
        segments.replaceAll(segment -> Optional.empty());
    }
}
