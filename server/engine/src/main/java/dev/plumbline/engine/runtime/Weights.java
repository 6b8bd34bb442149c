package dev.plumbline.engine.runtime;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Named tensors that many sessions read without a copy of their own. The memory stays reachable,
 * and the native values live, until this is closed and so is every session that uses it.
 */
public final class Weights implements AutoCloseable {
    private final Map<String, Tensor> tensors;
    private final Map<String, Handle> values = new HashMap<>();
    private final Environment environment;

    /** What sessions that pack share; it goes with the weights, after the last of the sessions. */
    private final Handle packed;

    private final Runnable released;
    private final References references = new References("set of weights", this::release);

    /**
     * @param released called when nothing reads the tensors any more
     */
    Weights(Environment environment, Map<String, Tensor> tensors, Runnable released) {
        this.environment = environment;
        this.released = released;
        this.tensors = Map.copyOf(tensors);
        environment.references().enter();
        try {
            packed = packed(environment.api());
        } catch (RuntimeException | Error e) {
            environment.references().leave();
            throw e;
        }
        try {
            Scratch scratch = new Scratch();
            this.tensors.forEach((name, tensor) ->
                    values.put(name, TensorValues.wrap(environment, tensor, scratch)));
        } catch (RuntimeException | Error e) {
            release();
            throw e;
        }
    }

    public Set<String> names() {
        return Collections.unmodifiableSet(tensors.keySet());
    }

    /** No new session can use them; those that do keep them until they are closed. */
    @Override
    public void close() {
        references.close();
    }

    References references() {
        return references;
    }

    /** The native value for a weight of a model; ONNX Runtime would take it in any shape. */
    MemorySegment value(ExternalWeights.Declaration weight) {
        Tensor tensor = tensors.get(weight.name());
        Handle value = values.get(weight.name());
        if (tensor == null || value == null) {
            throw new PlumblineException(
                    ErrorCode.INTERNAL,
                    "WEIGHT_MISSING",
                    "the graph names the weight %s, which is not among the %d given"
                            .formatted(weight.name(), values.size()),
                    Map.of("weight", weight.name()));
        }
        if (!weight.matches(tensor)) {
            throw new PlumblineException(
                    ErrorCode.INTERNAL,
                    "WEIGHT_MISMATCH",
                    "the graph wants the weight %s as ONNX type %d%s, and it is %s"
                            .formatted(weight.name(), weight.onnxType(), weight.sizes(), tensor),
                    Map.of("weight", weight.name(), "actual", tensor.toString()));
        }
        return value.pointer();
    }

    /** ONNX Runtime's container of packed weights. */
    MemorySegment packed() {
        return packed.pointer();
    }

    private static Handle packed(OrtApi api) {
        return Handle.make(
                api,
                OrtFunction.RELEASE_PREPACKED_WEIGHTS_CONTAINER,
                out -> api.call(OrtFunction.CREATE_PREPACKED_WEIGHTS_CONTAINER, out));
    }

    private void release() {
        values.values().forEach(Handle::close);
        packed.close();
        environment.references().leave();
        released.run();
        NativeHeap.trim();
    }
}
