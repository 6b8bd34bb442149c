package dev.plumbline.engine.runtime;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Inputs and outputs bound once and run many times; a tensor may be both, such as a key/value
 * cache. Binding a name again replaces what it was bound to. The tensors stay reachable while they
 * are bound. For one thread at a time.
 */
public final class Binding implements AutoCloseable {
    private final Session session;
    private final OrtApi api;
    private final Handle handle;
    private final Scratch scratch = new Scratch();
    private final Map<String, Tensor> inputs = new HashMap<>();
    private final BoundOutputs outputs;
    private @Nullable RunOptions runOptions;
    private boolean closed;

    Binding(Session session) {
        this.session = session;
        api = session.environment().api();
        session.references().enter();
        try {
            handle =
                    Handle.make(
                            api,
                            OrtFunction.RELEASE_IO_BINDING,
                            out -> api.call(OrtFunction.CREATE_IO_BINDING, session.pointer(), out));
        } catch (RuntimeException | Error e) {
            session.references().leave();
            throw e;
        }
        outputs = new BoundOutputs(session, handle, scratch);
    }

    /** Reads an input from a tensor's memory at each run. */
    public Binding input(String name, Tensor tensor) {
        MemorySegment string = session.inputNames().string(name);
        try (Handle value = TensorValues.wrap(session.environment(), tensor, scratch)) {
            api.call(OrtFunction.BIND_INPUT, handle.pointer(), string, value.pointer());
        }
        inputs.put(name, tensor);
        return this;
    }

    /** Writes an output to a tensor's memory at each run; the shape must be what the run gives. */
    public Binding output(String name, Tensor tensor) {
        outputs.bind(name, tensor);
        return this;
    }

    /** Has ONNX Runtime allocate an output at each run. */
    public Binding output(String name) {
        outputs.bind(name);
        return this;
    }

    /**
     * Runs the graph on what is bound. After a failure the outputs hold anything.
     *
     * @throws PlumblineException {@code CANCELLED}, or {@code ONNX_RUNTIME} with what it reports
     */
    public void run(Cancellation cancellation) {
        session.inputNames().requireAll(inputs.keySet());
        outputs.startRun();
        if (cancellation.isPossible()) {
            runCancellable(cancellation);
        } else {
            run(MemorySegment.NULL);
        }
        outputs.endRun();
    }

    /**
     * An output of the last run: the bound tensor, or a view of what ONNX Runtime allocated, for
     * this thread and until the next run or the end of the binding.
     */
    public Tensor get(String name) {
        return outputs.get(name);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        outputs.forget();
        if (runOptions != null) {
            runOptions.close();
        }
        handle.close();
        session.references().leave();
    }

    private void runCancellable(Cancellation cancellation) {
        RunOptions options = runOptions == null ? new RunOptions(api) : runOptions;
        runOptions = options;
        try {
            options.run(cancellation, this::run);
        } catch (RuntimeException | Error e) {
            // They may be terminated, which is for good.
            options.close();
            runOptions = null;
            throw e;
        }
    }

    /** Runs with these options, or without any. */
    void run(MemorySegment options) {
        try {
            api.call(OrtFunction.RUN_WITH_BINDING, session.pointer(), options, handle.pointer());
        } finally {
            Reference.reachabilityFence(this);
        }
    }
}
