package dev.plumbline.engine.runtime;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;

/**
 * ONNX Runtime in this process. Open one; a second one in the same process shares its threads and
 * must ask for as many. Closing it waits for nothing: what is still open keeps working, and the
 * last to be closed ends the threads.
 */
public final class Runtime implements AutoCloseable {
    private final OrtApi api;
    private final String version;
    private final int threads;
    private final Environment environment;

    private Runtime(OrtTable table, int threads, Path externalFolder) {
        this.api = new OrtApi(table);
        this.version = table.version();
        this.threads = threads;
        environment = new Environment(api, threads, externalFolder);
    }

    /**
     * Loads ONNX Runtime, starts its threads and tries out every function in use.
     *
     * @throws PlumblineException {@code ONNX_RUNTIME_UNUSABLE} if the library is not one that we
     *     can call, {@code ONNX_RUNTIME_NOT_UNPACKED} or {@code FOLDER_NOT_WRITABLE} if the folder
     *     is not writable
     */
    public static Runtime open(RuntimeOptions options) {
        Path library =
                options.library().orElseGet(() -> NativeLibrary.unpack(options.nativeFolder()));
        return open(OrtTable.open(library), library, options);
    }

    static Runtime open(OrtTable table, Path library, RuntimeOptions options) {
        Path externalFolder = ExternalWeights.folder(options.nativeFolder());
        Runtime runtime = new Runtime(table, options.threads(), externalFolder);
        try {
            SelfTest.check(runtime, library);
            return runtime;
        } catch (RuntimeException | Error e) {
            runtime.close();
            throw e;
        }
    }

    /**
     * Tensors that sessions read where they are; they must not change while a session is open.
     *
     * @param tensors by the names that the graphs' external initializers have
     */
    public Weights weights(Map<String, Tensor> tensors) {
        return weights(tensors, () -> {});
    }

    /**
     * Tensors whose memory somebody else owns.
     *
     * @param released called once, when the weights and all sessions that use them are closed; at
     *     once if this fails
     */
    public Weights weights(Map<String, Tensor> tensors, Runnable released) {
        return new Weights(environment, tensors, released);
    }

    /**
     * Loads a graph.
     *
     * @param model an ONNX {@code ModelProto} whose weights have the data location {@code EXTERNAL}
     *     and the location {@code weights}
     * @param weights at least those that the model names
     * @throws PlumblineException {@code WEIGHT_MISSING}, {@code WEIGHT_MISMATCH}, or {@code
     *     ONNX_RUNTIME} if it refuses the model
     */
    public Session session(byte[] model, Weights weights, Device device, Packing packing) {
        return switch (device) {
            case CPU -> Session.load(environment, model, weights, packing);
        };
    }

    /** Loads a graph that reads its weights where they are. */
    public Session session(byte[] model, Weights weights, Device device) {
        return session(model, weights, device, Packing.NONE);
    }

    /** Native objects made and not yet released, of this runtime's own included. */
    public long liveHandles() {
        return api.liveHandles().get();
    }

    /** ONNX Runtime's version, such as {@code 1.29.0}. */
    public String version() {
        return version;
    }

    public int threads() {
        return threads;
    }

    @Override
    public void close() {
        environment.references().close();
    }
}
