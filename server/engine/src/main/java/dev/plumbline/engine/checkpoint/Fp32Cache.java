package dev.plumbline.engine.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Tensor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToLongFunction;

/** Checkpoints in half precision, brought to fp32 once and kept under the cache folder. */
final class Fp32Cache {
    /**
     * A file lock holds between processes only, so threads of this one need a lock of their own.
     */
    private static final ReentrantLock THREADS = new ReentrantLock();

    private final Path folder;
    private final ToLongFunction<Path> freeBytes;

    /**
     * @param freeBytes space left on the disk on which a file will lie
     */
    Fp32Cache(Path cacheFolder, ToLongFunction<Path> freeBytes) {
        this.folder = cacheFolder.resolve("weights");
        this.freeBytes = freeBytes;
    }

    /**
     * The converted file, made if it is not there yet; its tensors have the names of the files they
     * came from.
     *
     * @throws PlumblineException {@code DISK_FULL} with needed and free bytes
     */
    Safetensors get(WeightIndex index, String digest) {
        Path file = folder.resolve(digest + "-fp32.safetensors");
        THREADS.lock();
        try {
            Files.createDirectories(folder);
            try (FileChannel channel =
                            FileChannel.open(
                                    folder.resolve(digest + ".lock"),
                                    StandardOpenOption.WRITE,
                                    StandardOpenOption.CREATE);
                    FileLock lock = channel.lock()) {
                return underLock(index, file, lock);
            }
        } catch (IOException e) {
            throw Faults.unwritable(file, 0, e);
        } finally {
            THREADS.unlock();
        }
    }

    private Safetensors underLock(WeightIndex index, Path file, FileLock lock) throws IOException {
        if (!lock.isValid()) {
            throw new IOException("the lock of " + file + " was lost");
        }
        Map<String, SafetensorsWriter.Entry> wanted = wanted(index);
        AtomicFile.cleanLeftovers(file);
        if (!holds(file, wanted)) {
            convert(index, wanted, file);
        }
        return Safetensors.open(file);
    }

    private static Map<String, SafetensorsWriter.Entry> wanted(WeightIndex index) {
        Map<String, SafetensorsWriter.Entry> wanted = new LinkedHashMap<>();
        for (WeightEntry entry : index.entries().values()) {
            DType dtype = WeightIndex.isFloating(entry.dtype()) ? DType.F32 : entry.dtype();
            wanted.put(
                    entry.name(), new SafetensorsWriter.Entry(entry.name(), dtype, entry.shape()));
        }
        return wanted;
    }

    /** A file that someone damaged is made anew rather than trusted. */
    private static boolean holds(Path file, Map<String, SafetensorsWriter.Entry> wanted) {
        if (!Files.exists(file)) {
            return false;
        }
        try {
            Safetensors cached = Safetensors.open(file);
            List<SafetensorsWriter.Entry> entries = new ArrayList<>();
            for (String name : cached.names()) {
                entries.add(
                        new SafetensorsWriter.Entry(name, cached.dtype(name), cached.shape(name)));
            }
            return entries.size() == wanted.size() && wanted.values().containsAll(entries);
        } catch (PlumblineException e) {
            return false;
        }
    }

    private void convert(
            WeightIndex index, Map<String, SafetensorsWriter.Entry> wanted, Path file) {
        Map<String, WeightEntry> sources = new LinkedHashMap<>();
        index.entries().values().forEach(entry -> sources.put(entry.name(), entry));
        long needed = wanted.values().stream().mapToLong(SafetensorsWriter.Entry::bytes).sum();
        long free = freeBytes.applyAsLong(file);
        if (free < needed) {
            throw Faults.diskFull(file, needed, free);
        }
        FloatConversion conversion = new FloatConversion();
        try (SafetensorsWriter writer =
                SafetensorsWriter.create(file, wanted.values(), Map.of("format", "pt"))) {
            for (SafetensorsWriter.Entry entry : writer.order()) {
                Tensor stored = index.stored(requireNonNull(sources.get(entry.name())));
                if (entry.dtype() == DType.F32) {
                    conversion.convert(stored, writer::append);
                } else {
                    writer.append(stored);
                }
            }
            writer.commit();
        }
    }
}
