package dev.plumbline.engine.runtime;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A graph ready to run, from any number of threads at once. Closing it lets the runs under way, and
 * the bindings and results still open, finish first.
 */
public final class Session implements AutoCloseable {
    private static final OrtFunction UNPACKED = OrtFunction.CREATE_SESSION_FROM_ARRAY;
    private static final OrtFunction PACKED =
            OrtFunction.CREATE_SESSION_FROM_ARRAY_WITH_PREPACKED_WEIGHTS_CONTAINER;

    private final Environment environment;
    private final Weights weights;
    private final Handle handle;
    private final GraphNames inputs;
    private final GraphNames outputs;
    private final Queue<RunBuffers> idleBuffers = new ConcurrentLinkedQueue<>();
    private final References references = new References("session", this::release);

    private Session(Environment environment, Weights weights, Handle handle) {
        this.environment = environment;
        this.weights = weights;
        this.handle = handle;
        inputs = GraphNames.inputs(environment, handle.pointer());
        outputs = GraphNames.outputs(environment, handle.pointer());
    }

    static Session load(Environment environment, byte[] model, Weights weights, Packing packing) {
        environment.references().enter();
        try (var _ = ProcessExit.HELD.enter()) {
            weights.references().enter();
            try {
                return load(environment, weights, create(environment, model, weights, packing));
            } catch (RuntimeException | Error e) {
                weights.references().leave();
                throw e;
            }
        } catch (RuntimeException | Error e) {
            environment.references().leave();
            throw e;
        }
    }

    /** The names of the inputs, in the graph's order. */
    public List<String> inputs() {
        return inputs.names();
    }

    /** The names of the outputs, in the graph's order. */
    public List<String> outputs() {
        return outputs.names();
    }

    /** Inputs and outputs to be bound once and run many times. */
    public Binding bind() {
        return new Binding(this);
    }

    /**
     * Runs the graph once.
     *
     * @param outputs the names of those wanted; only they are computed
     * @return the outputs, to be closed
     * @throws PlumblineException {@code CANCELLED}, or {@code ONNX_RUNTIME} with what it reports
     */
    public Results run(
            Map<String, Tensor> inputs, List<String> outputs, Cancellation cancellation) {
        references.enter();
        try {
            RunBuffers buffers = idleBuffers.poll();
            if (buffers == null) {
                buffers = new RunBuffers(this.inputs.count(), this.outputs.count());
            }
            Results results = new Run(this, buffers, inputs, outputs).execute(cancellation);
            idleBuffers.add(buffers);
            return results;
        } catch (RuntimeException | Error e) {
            references.leave();
            throw e;
        }
    }

    @Override
    public void close() {
        references.close();
    }

    Environment environment() {
        return environment;
    }

    MemorySegment pointer() {
        return handle.pointer();
    }

    GraphNames inputNames() {
        return inputs;
    }

    GraphNames outputNames() {
        return outputs;
    }

    /** The session itself, its runs, bindings and results. */
    References references() {
        return references;
    }

    private void release() {
        handle.close();
        weights.references().leave();
        environment.references().leave();
    }

    private static Session load(Environment environment, Weights weights, Handle handle) {
        try {
            return new Session(environment, weights, handle);
        } catch (RuntimeException | Error e) {
            handle.close();
            throw e;
        }
    }

    private static Handle create(
            Environment environment, byte[] model, Weights weights, Packing packing) {
        OrtApi api = environment.api();
        try (Arena arena = Arena.ofConfined();
                Handle options = SessionOptions.make(environment, model, weights, packing)) {
            MemorySegment bytes = arena.allocate(Math.max(1, model.length));
            MemorySegment.copy(model, 0, bytes, JAVA_BYTE, 0, model.length);
            MemorySegment env = environment.pointer();
            MemorySegment opts = options.pointer();
            int length = model.length;
            return Handle.make(
                    api,
                    OrtFunction.RELEASE_SESSION,
                    out -> {
                        switch (packing) {
                            case NONE -> api.call(UNPACKED, env, bytes, length, opts, out);
                            case SHARED -> {
                                MemorySegment packed = weights.packed();
                                api.call(PACKED, env, bytes, length, opts, packed, out);
                                // Each use of a weight was packed anew before it was shared.
                                NativeHeap.trim();
                            }
                        }
                    });
        }
    }
}
