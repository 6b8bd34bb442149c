package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.Mappings;
import dev.plumbline.engine.tensor.Precision;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToLongFunction;

/**
 * Weights in the precision in which they are served, converted once and kept under the cache
 * folder: one safetensors file for each checkpoint and precision.
 */
final class WeightCache {
    /** Changed whenever the same weights would be converted to other bytes. */
    private static final String VERSION = "1";

    private static final Map<String, String> METADATA =
            Map.of("format", "pt", "plumbline_version", VERSION);

    /**
     * A file lock holds between processes only, so threads of this one need a lock of their own.
     */
    private static final ReentrantLock THREADS = new ReentrantLock();

    private final Path folder;
    private final ToLongFunction<Path> freeBytes;

    /**
     * @param freeBytes space left on the disk on which a file will lie
     */
    WeightCache(Path cacheFolder, ToLongFunction<Path> freeBytes) {
        this.folder = cacheFolder.resolve("weights");
        this.freeBytes = freeBytes;
    }

    /**
     * The file with the converted weights, made if it is not there yet.
     *
     * @param digest of the checkpoint's weights
     * @param parts all that must be converted
     * @param mappings which the file stays mapped with
     * @throws PlumblineException {@code DISK_FULL} with needed and free bytes, {@code
     *     WEIGHT_NOT_FINITE} with file and tensor
     */
    Safetensors get(
            List<WeightPart> parts,
            String digest,
            Precision precision,
            Mappings mappings,
            LoadProgress progress) {
        Path file = file(digest, precision);
        THREADS.lock();
        try {
            Files.createDirectories(folder);
            try (FileChannel channel =
                            FileChannel.open(
                                    folder.resolve(digest + ".lock"),
                                    StandardOpenOption.WRITE,
                                    StandardOpenOption.CREATE);
                    FileLock lock = channel.lock()) {
                makeUnderLock(parts, file, lock, progress);
            }
            return Safetensors.open(file, mappings);
        } catch (IOException e) {
            throw Faults.unwritable(file, 0, e);
        } finally {
            THREADS.unlock();
        }
    }

    /** Precisions that store the same bytes share a file. */
    Path file(String digest, Precision precision) {
        return folder.resolve("%s-%s.safetensors".formatted(digest, precision.stored().text()));
    }

    private void makeUnderLock(
            List<WeightPart> parts, Path file, FileLock lock, LoadProgress progress)
            throws IOException {
        if (!lock.isValid()) {
            throw new IOException("the lock of " + file + " was lost");
        }
        AtomicFile.cleanLeftovers(file);
        List<SafetensorsWriter.Entry> wanted =
                parts.stream().flatMap(part -> part.cached().stream()).toList();
        if (!holds(file, wanted)) {
            convert(parts, wanted, file, progress);
        }
    }

    /** A file that someone damaged, or of another version, is made anew rather than trusted. */
    private static boolean holds(Path file, List<SafetensorsWriter.Entry> wanted) {
        if (!Files.exists(file)) {
            return false;
        }
        try (Mappings mappings = Mappings.closeable()) {
            Safetensors cached = Safetensors.open(file, mappings);
            Set<SafetensorsWriter.Entry> entries = new HashSet<>();
            for (String name : cached.names()) {
                entries.add(
                        new SafetensorsWriter.Entry(name, cached.dtype(name), cached.shape(name)));
            }
            return cached.metadata().equals(METADATA) && entries.equals(new HashSet<>(wanted));
        } catch (PlumblineException e) {
            return false;
        }
    }

    private void convert(
            List<WeightPart> parts,
            List<SafetensorsWriter.Entry> wanted,
            Path file,
            LoadProgress progress) {
        long needed = wanted.stream().mapToLong(SafetensorsWriter.Entry::bytes).sum();
        long free = freeBytes.applyAsLong(file);
        if (free < needed) {
            throw Faults.diskFull(file, needed, free);
        }
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, wanted, METADATA);
                WeightConversion conversion = new WeightConversion(parts, writer)) {
            conversion.run(progress);
            writer.commit();
        }
    }
}
