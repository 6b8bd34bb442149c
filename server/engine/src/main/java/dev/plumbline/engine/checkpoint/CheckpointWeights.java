package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A checkpoint's weights in fp32, all of them mapped from files. What is stored in fp32 is used
 * where it lies; anything else is converted once into the cache.
 */
public final class CheckpointWeights {
    private final WeightIndex index;
    private final Map<String, Tensor> tensors;

    private CheckpointWeights(WeightIndex index, Map<String, Tensor> tensors) {
        this.index = index;
        this.tensors = tensors;
    }

    /**
     * Maps the weights of a folder, after converting them if that was not done before; ask {@link
     * MemoryNeed} first whether they fit.
     *
     * @throws PlumblineException what {@link HuggingFaceFolder#weightIndex} throws; {@code
     *     DISK_FULL} with the cache file, needed and free bytes
     */
    public static CheckpointWeights open(HuggingFaceFolder folder, Path cacheFolder) {
        WeightIndex index = folder.weightIndex();
        boolean converted =
                index.entries().values().stream()
                        .anyMatch(entry ->
                                WeightIndex.isFloating(entry.dtype())
                                        && entry.dtype() != DType.F32);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        if (converted) {
            Safetensors cached =
                    new Fp32Cache(cacheFolder, Faults::freeBytes)
                            .get(index, folder.weightsDigest(cacheFolder));
            index.entries()
                    .forEach((name, entry) -> tensors.put(name, cached.tensor(entry.name())));
        } else {
            index.entries().forEach((name, entry) -> tensors.put(name, index.stored(entry)));
        }
        return new CheckpointWeights(index, tensors);
    }

    /** Where each tensor came from. */
    public WeightIndex index() {
        return index;
    }

    /** All tensors by canonical name: fp32, save for stored integers, which stay as they are. */
    public Map<String, Tensor> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    /** One tensor, which must be there: see {@link #require}. */
    public Tensor tensor(String canonical) {
        Tensor tensor = tensors.get(canonical);
        if (tensor == null) {
            throw new IllegalArgumentException("no tensor " + canonical);
        }
        return tensor;
    }

    /**
     * The tensors that a model needs, and no others.
     *
     * @param expected shapes by canonical name
     * @param ignorable canonical names that may be there but are not needed
     * @throws PlumblineException as {@link WeightIndex#require}
     */
    public Map<String, Tensor> require(Map<String, Shape> expected, Set<String> ignorable) {
        index.require(expected, ignorable);
        Map<String, Tensor> needed = new LinkedHashMap<>();
        expected.keySet().forEach(name -> needed.put(name, tensor(name)));
        return needed;
    }
}
