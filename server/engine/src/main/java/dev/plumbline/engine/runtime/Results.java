package dev.plumbline.engine.runtime;

import dev.plumbline.engine.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The outputs of one run, in memory that ONNX Runtime allocated and takes back when this is closed.
 */
public final class Results implements AutoCloseable {
    private final Session session;
    private final Map<String, Tensor> tensors;
    private final List<Handle> values;
    private final ViewScope scope;

    /** Kept, for an output may be an input passed on: its memory is then the input's. */
    private final List<Tensor> inputs;

    private final AtomicBoolean closed = new AtomicBoolean();

    Results(
            Session session,
            Map<String, Tensor> tensors,
            List<Handle> values,
            ViewScope scope,
            List<Tensor> inputs) {
        this.session = session;
        this.tensors = tensors;
        this.values = values;
        this.scope = scope;
        this.inputs = inputs;
    }

    /**
     * An output as a view, for the thread that ran the graph and until this is closed; any other
     * use of its elements throws.
     */
    public Tensor get(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException(
                    "%s is not among the outputs asked for, %s".formatted(name, tensors.keySet()));
        }
        return tensor;
    }

    /** An output in memory of its own, for any thread and as long as it is needed. */
    public Tensor copy(String name) {
        Tensor tensor = get(name);
        Tensor copy = Tensor.zeros(tensor.dtype(), tensor.shape());
        copy.copyFrom(tensor);
        return copy;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            scope.close();
            values.forEach(Handle::close);
            session.references().leave();
        }
    }

    @Override
    public String toString() {
        return tensors.values() + " from " + inputs;
    }
}
