package dev.plumbline.engine.select;

import dev.plumbline.engine.checkpoint.AtomicFile;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageDecoder;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.select.PoolFile.Facts;
import dev.plumbline.engine.select.PoolFile.Skipped;
import dev.plumbline.engine.select.PoolListener.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Makes an embedded pool, goes on with one that was left unfinished, or brings one up to date. What
 * was embedded once, by the same CLIP model, is not embedded again; the finished pool does not
 * depend on how often its making was interrupted.
 */
public final class PoolBuilder {
    /** Pictures embedded together. */
    private static final int BATCH = 8;

    /** Batches that are decoded ahead. */
    private static final int AHEAD = 3;

    private static final int MOST_NAMED = 1000;
    private static final String JOURNAL = "vectors.journal";
    private static final String PICTURES = "images";

    private final Path folder;
    private final Embedder embedder;
    private final PoolListener listener;

    /**
     * @param folder of the pool
     */
    public PoolBuilder(Path folder, Embedder embedder, PoolListener listener) {
        this.folder = folder;
        this.embedder = SteadyEmbedder.of(embedder);
        this.listener = listener;
    }

    /**
     * What to make a pool of.
     *
     * @param path a folder of pictures, a Parquet file or a folder of them, or a COCO folder
     * @param column of Parquet files that holds the pictures, as bytes or {bytes, path}
     * @param exclude ids that are not wanted; see {@link #excluded(Path)}
     */
    public record Wanted(Path path, String column, List<String> exclude) {
        public Wanted {
            exclude = List.copyOf(exclude);
        }

        public static Wanted all(Path path) {
            return new Wanted(path, "image", List.of());
        }
    }

    /** The ids in a file: one a line, or a JSON list. */
    public static List<String> excluded(Path file) {
        return PoolExclusions.read(file);
    }

    /**
     * Makes it.
     *
     * @throws PlumblineException {@code POOL_NOT_FOUND}, {@code POOL_EMPTY}, {@code
     *     POOL_COLUMN_MISSING}, {@code POOL_CLIP_MISMATCH} where another CLIP model embedded it,
     *     {@code POOL_BUSY}, {@code POOL_NOT_WRITABLE} or {@code CANCELLED}
     */
    public Facts build(Wanted wanted) {
        try {
            Files.createDirectories(folder);
            try (FileChannel channel =
                            FileChannel.open(
                                    folder.resolve("lock"),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                    FileLock lock = lock(channel)) {
                assert lock.isValid();
                return locked(wanted);
            }
        } catch (IOException e) {
            throw VectorJournal.unwritable(folder, e);
        }
    }

    private FileLock lock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return lock;
            }
        } catch (OverlappingFileLockException e) {
            throw busy().causedBy(e);
        }
        throw busy();
    }

    private PlumblineException busy() {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "POOL_BUSY",
                "the pool in " + folder + " is being made already",
                Map.of("path", folder.toString()));
    }

    private Facts locked(Wanted wanted) throws IOException {
        requireSameClip();
        PoolInventory inventory =
                PoolInventory.of(
                        new PoolSource(wanted.path(), wanted.column()),
                        new PoolExclusions(wanted.exclude()),
                        folder.resolve(PICTURES),
                        listener);
        List<Skipped> skipped = new ArrayList<>(inventory.skipped());
        List<PoolEntry> entries = inventory.distinct();
        int duplicates = inventory.found() - entries.size();
        Path journalFile = folder.resolve(JOURNAL);
        Facts facts;
        try (VectorJournal journal = openJournal(journalFile)) {
            takeOver(journal);
            List<PoolEntry> usable = embed(entries, journal, skipped);
            if (usable.isEmpty()) {
                throw PoolInventory.nothingLeft(
                        wanted.path(), skipped.size(), inventory.excluded());
            }
            facts = facts(wanted, usable, duplicates, inventory.excluded(), skipped);
            if (!isThere(usable, facts)) {
                write(usable, journal, facts);
            }
        }
        // What it held is in the pool.
        Files.deleteIfExists(journalFile);
        return facts;
    }

    /** Whether nothing has changed since the pool was made. */
    private boolean isThere(List<PoolEntry> entries, Facts facts) {
        return PoolFile.read(folder).filter(facts::equals).isPresent()
                && CandidatePool.open(folder).entries().equals(entries);
    }

    private VectorJournal openJournal(Path file) {
        return VectorJournal.open(file, embedder.digest(), embedder.dimension());
    }

    private void requireSameClip() {
        Optional<Facts> before = PoolFile.read(folder);
        if (before.isPresent() && !before.get().clipDigest().equals(embedder.digest())) {
            throw PoolFile.ofAnotherClip(folder, embedder.digest());
        }
    }

    /** Of a pool that is brought up to date. */
    private void takeOver(VectorJournal journal) {
        if (PoolFile.read(folder).isEmpty()) {
            return;
        }
        CandidatePool before = CandidatePool.open(folder);
        for (int i = 0; i < before.size(); i++) {
            String digest = before.contentDigest(i).orElseThrow();
            if (!journal.contains(digest)) {
                journal.append(
                        digest, before.embeddings().orElseThrow().slice(i, i + 1L).toFloats());
            }
        }
    }

    /** A picture on its way, or why there is none. */
    private record Decoded(PoolEntry entry, Optional<Picture> picture, String fault) {}

    /** Embeds what the journal does not have; gives those of the entries that can be used. */
    private List<PoolEntry> embed(
            List<PoolEntry> entries, VectorJournal journal, List<Skipped> skipped) {
        List<PoolEntry> missing =
                entries.stream().filter(e -> !journal.contains(e.digest())).toList();
        long before = entries.size() - missing.size();
        long embedded = 0;
        Set<String> damaged = new HashSet<>();
        try (ExecutorService decoders = Executors.newFixedThreadPool(2)) {
            Queue<Future<Decoded>> ahead = new ArrayDeque<>();
            Iterator<PoolEntry> next = missing.iterator();
            List<Decoded> batch = new ArrayList<>();
            try {
                while (next.hasNext() || !ahead.isEmpty()) {
                    while (next.hasNext() && ahead.size() < BATCH * AHEAD) {
                        PoolEntry entry = next.next();
                        ahead.add(decoders.submit(() -> decode(entry)));
                    }
                    Decoded decoded = join(ahead.remove());
                    if (decoded.picture().isPresent()) {
                        batch.add(decoded);
                    } else {
                        damaged.add(decoded.entry().digest());
                        skipped.add(new Skipped(decoded.entry().id(), decoded.fault()));
                    }
                    if (batch.size() == BATCH || ahead.isEmpty() && !next.hasNext()) {
                        embedded += embed(batch, journal);
                        batch.clear();
                        listener.progress(
                                new Progress(
                                        "embedding",
                                        before + embedded + damaged.size(),
                                        entries.size(),
                                        embedded,
                                        skipped.size()));
                    }
                }
            } finally {
                decoders.shutdownNow();
            }
        }
        return entries.stream().filter(e -> !damaged.contains(e.digest())).toList();
    }

    private int embed(List<Decoded> batch, VectorJournal journal) {
        listener.cancellation().check();
        if (batch.isEmpty()) {
            return 0;
        }
        List<Picture> pictures = batch.stream().map(d -> d.picture().orElseThrow()).toList();
        float[][] vectors = embedder.images(pictures, listener.cancellation());
        for (int i = 0; i < vectors.length; i++) {
            journal.append(batch.get(i).entry().digest(), vectors[i]);
        }
        return vectors.length;
    }

    private static Decoded decode(PoolEntry entry) {
        try {
            byte[] bytes = Files.readAllBytes(entry.file());
            if (!Digests.of(bytes).equals(entry.digest())) {
                return new Decoded(entry, Optional.empty(), "it changed while the pool was made");
            }
            return new Decoded(entry, Optional.of(ImageDecoder.decode(bytes, entry.id())), "");
        } catch (RuntimeException | IOException e) {
            return new Decoded(entry, Optional.empty(), "cannot be read: " + e.getMessage());
        }
    }

    private static Decoded join(Future<Decoded> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PlumblineException(ErrorCode.CANCELLED, "CANCELLED", "interrupted", Map.of())
                    .causedBy(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private Facts facts(
            Wanted wanted,
            List<PoolEntry> entries,
            int duplicates,
            int excluded,
            List<Skipped> skipped) {
        List<String> parts = new ArrayList<>(List.of(embedder.digest()));
        entries.forEach(entry -> parts.add(entry.digest()));
        skipped.sort(Comparator.comparing(Skipped::file));
        return new Facts(
                wanted.path().toAbsolutePath().normalize(),
                embedder.digest(),
                embedder.dimension(),
                entries.size(),
                duplicates,
                excluded,
                skipped.size(),
                skipped.subList(0, Math.min(MOST_NAMED, skipped.size())),
                Digests.of(parts.toArray(String[]::new)));
    }

    private void write(List<PoolEntry> entries, VectorJournal journal, Facts facts)
            throws IOException {
        ByteBuffer row =
                ByteBuffer.allocate(Float.BYTES * facts.dimension()).order(ByteOrder.nativeOrder());
        AtomicFile.cleanLeftovers(folder.resolve(CandidatePool.EMBEDDINGS));
        AtomicFile.cleanLeftovers(folder.resolve(CandidatePool.ENTRIES));
        AtomicFile.cleanLeftovers(folder.resolve(PoolFile.NAME));
        // While the parts do not fit each other there is no pool, only the journal.
        try (AtomicFile vectors = AtomicFile.create(folder.resolve(CandidatePool.EMBEDDINGS));
                AtomicFile lines = AtomicFile.create(folder.resolve(CandidatePool.ENTRIES))) {
            for (PoolEntry entry : entries) {
                row.clear();
                row.asFloatBuffer().put(journal.vector(entry.digest()));
                vectors.append(row);
                String line = PoolFile.line(entry) + "\n";
                lines.append(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
            }
            Files.deleteIfExists(folder.resolve(PoolFile.NAME));
            vectors.commit();
            lines.commit();
        }
        PoolFile.write(folder, facts);
    }
}
