package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.Mappings;
import dev.plumbline.engine.tensor.Precision;
import dev.plumbline.engine.tensor.QuantizedMatrix;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A checkpoint's weights as they are served, all of them mapped from files. What is stored as it is
 * wanted is used where it lies; anything else is converted once into the cache.
 *
 * <p>Closing unmaps the files: no tensor may be read after that.
 */
public final class CheckpointWeights implements AutoCloseable {
    private final Mappings mappings = Mappings.closeable();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final Map<String, QuantizedMatrix> quantized = new LinkedHashMap<>();

    private CheckpointWeights() {}

    /**
     * Maps weights of a folder, after converting them if that was not done before.
     *
     * @param wanted how each weight is kept, by canonical name; all must be in the index
     * @throws PlumblineException {@code DISK_FULL} with the cache file, needed and free bytes,
     *     {@code WEIGHT_NOT_FINITE} with file and tensor
     */
    public static CheckpointWeights open(
            HuggingFaceFolder folder,
            WeightIndex index,
            Map<String, Set<Storage>> wanted,
            Precision precision,
            Source source) {
        CheckpointWeights weights = new CheckpointWeights();
        try {
            List<WeightPart> parts = parts(index, wanted);
            weights.mapInPlace(parts);
            List<WeightPart> converted = parts.stream().filter(p -> !p.isInPlace()).toList();
            if (!converted.isEmpty()) {
                String digest = folder.weightsDigest(source.cacheFolder(), source.progress());
                WeightCache cache = new WeightCache(source.cacheFolder(), Faults::freeBytes);
                weights.map(
                        converted,
                        cache.get(
                                converted, digest, precision, weights.mappings, source.progress()));
            }
            return weights;
        } catch (RuntimeException | Error e) {
            weights.close();
            throw e;
        }
    }

    /**
     * Where converted weights are kept, and who hears of the work.
     *
     * @param cacheFolder for digests and converted weights
     */
    public record Source(Path cacheFolder, LoadProgress progress) {}

    static List<WeightPart> parts(WeightIndex index, Map<String, Set<Storage>> wanted) {
        List<WeightPart> parts = new ArrayList<>();
        wanted.forEach((canonical, storages) -> {
            WeightEntry entry =
                    index.find(canonical)
                            .orElseThrow(
                                    () -> new IllegalArgumentException("no tensor " + canonical));
            storages.forEach(storage -> parts.add(new WeightPart(canonical, entry, storage)));
        });
        return parts;
    }

    /** In fp32 or as they are stored, by canonical name. */
    public Map<String, Tensor> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    /** In blocks of few bits, by canonical name. */
    public Map<String, QuantizedMatrix> quantized() {
        return Collections.unmodifiableMap(quantized);
    }

    private void mapInPlace(List<WeightPart> parts) {
        Map<Path, Safetensors> files = new HashMap<>();
        for (WeightPart part : parts) {
            if (part.isInPlace()) {
                WeightEntry entry = part.source();
                Safetensors file =
                        files.computeIfAbsent(
                                entry.file(), path -> Safetensors.open(path, mappings));
                tensors.put(part.canonical(), file.tensor(entry.name()));
            }
        }
    }

    private void map(List<WeightPart> parts, Safetensors cached) {
        for (WeightPart part : parts) {
            Tensor tensor = cached.tensor(part.name());
            if (part.storage().isQuantized()) {
                quantized.put(
                        part.canonical(),
                        new QuantizedMatrix(
                                part.storage().bits(),
                                part.columns(),
                                tensor,
                                cached.tensor(part.scalesName())));
            } else {
                tensors.put(part.canonical(), tensor);
            }
        }
    }

    @Override
    public void close() {
        mappings.close();
    }
}
