package dev.plumbline.engine.select;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.MappedFile;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A pool of candidate pictures: files of a folder, or an embedded pool on disk. */
public final class CandidatePool implements Pool {
    static final String ENTRIES = "entries.jsonl";
    static final String EMBEDDINGS = "embeddings.f32";

    private final List<PoolEntry> entries;
    private final String digest;
    private final Optional<Tensor> embeddings;

    private CandidatePool(List<PoolEntry> entries, String digest, Optional<Tensor> embeddings) {
        this.entries = List.copyOf(entries);
        this.digest = digest;
        this.embeddings = embeddings;
    }

    /**
     * The picture files of a folder and the folders in it, by path, without embeddings.
     *
     * @throws PlumblineException {@code POOL_NOT_FOUND} or {@code POOL_EMPTY}
     */
    public static CandidatePool images(Path folder) {
        List<PoolEntry> entries =
                PoolSource.files(folder).stream()
                        .map(file -> new PoolEntry(folder.relativize(file).toString(), "", file))
                        .toList();
        return new CandidatePool(entries, "", Optional.empty());
    }

    /**
     * An embedded pool that {@link PoolBuilder} made. Its embeddings stay mapped while something
     * refers to them.
     *
     * @throws PlumblineException {@code POOL_NOT_FOUND} or {@code POOL_DAMAGED}
     */
    public static CandidatePool open(Path folder) {
        PoolFile.Facts facts =
                PoolFile.read(folder)
                        .orElseThrow(() ->
                                new PlumblineException(
                                        ErrorCode.NOT_FOUND,
                                        "POOL_NOT_FOUND",
                                        "there is no finished pool in " + folder,
                                        Map.of("field", "pool", "path", folder.toString())));
        List<PoolEntry> entries = entries(folder);
        MappedFile vectors = MappedFile.open(folder.resolve(EMBEDDINGS));
        Shape shape = Shape.of(entries.size(), facts.dimension());
        if (entries.size() != facts.images()
                || vectors.size() != DType.F32.bytes(shape.elements())) {
            throw PoolFile.damaged(
                    folder,
                    "%d entries and %d bytes of embeddings for %d pictures"
                            .formatted(entries.size(), vectors.size(), facts.images()));
        }
        Tensor tensor = vectors.tensor(DType.F32, shape, 0);
        return new CandidatePool(entries, facts.digest(), Optional.of(tensor));
    }

    private static List<PoolEntry> entries(Path folder) {
        Path file = folder.resolve(ENTRIES);
        try {
            return Files.readAllLines(file).stream()
                    .map(line -> PoolFile.entry(file, line))
                    .toList();
        } catch (IOException e) {
            throw PoolFile.damaged(file, e.getMessage()).causedBy(e);
        }
    }

    List<PoolEntry> entries() {
        return entries;
    }

    @Override
    public int size() {
        return entries.size();
    }

    @Override
    public String digest() {
        return digest;
    }

    @Override
    public String id(int index) {
        return entries.get(index).id();
    }

    @Override
    public Path file(int index) {
        return entries.get(index).file();
    }

    @Override
    public Optional<String> contentDigest(int index) {
        String known = entries.get(index).digest();
        return known.isEmpty() ? Optional.empty() : Optional.of(known);
    }

    @Override
    public Optional<Tensor> embeddings() {
        return embeddings;
    }
}
