package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.MappedFile;
import dev.plumbline.engine.tensor.Mappings;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Set;

/**
 * A safetensors file, mapped: its tensors are views of the file, and reading one reads the disk.
 *
 * @see <a href="https://huggingface.co/docs/safetensors">the format</a>
 */
public final class Safetensors {
    private final Path path;
    private final MappedFile file;
    private final SafetensorsHeader header;

    private Safetensors(Path path, MappedFile file, SafetensorsHeader header) {
        this.path = path;
        this.file = file;
        this.header = header;
    }

    /**
     * Maps a file and checks its header.
     *
     * @throws PlumblineException {@code FILE_NOT_FOUND}, {@code FILE_UNREADABLE}, {@code
     *     SAFETENSORS_INVALID} or {@code TENSOR_TYPE_UNSUPPORTED}, naming the file
     */
    public static Safetensors open(Path path) {
        return open(path, Mappings.automatic());
    }

    /** The same, mapped until the mappings is closed. */
    static Safetensors open(Path path, Mappings mappings) {
        MappedFile file = MappedFile.open(path, mappings);
        return new Safetensors(path, file, SafetensorsHeader.read(path, file));
    }

    public Path path() {
        return path;
    }

    /** All names, in the order of the data. */
    public Set<String> names() {
        return Collections.unmodifiableSet(header.tensors().keySet());
    }

    /** What {@code __metadata__} holds; by custom {@code format}, such as {@code pt}. */
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(header.metadata());
    }

    public DType dtype(String name) {
        return info(name).dtype();
    }

    public Shape shape(String name) {
        return info(name).shape();
    }

    /** A view of the file that keeps it mapped. */
    public Tensor tensor(String name) {
        TensorInfo info = info(name);
        return file.tensor(info.dtype(), info.shape(), info.offset());
    }

    /**
     * What the header says of a tensor.
     *
     * @throws PlumblineException {@code TENSOR_MISSING}, naming tensor and file
     */
    public TensorInfo info(String name) {
        TensorInfo info = header.tensors().get(name);
        if (info == null) {
            throw new PlumblineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "TENSOR_MISSING",
                    "%s holds no tensor %s; fetch the file again".formatted(path, name),
                    Map.of("file", path.toString(), "tensor", name));
        }
        return info;
    }
}
