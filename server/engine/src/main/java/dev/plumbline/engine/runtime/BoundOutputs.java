package dev.plumbline.engine.runtime;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.plumbline.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The outputs of a binding: written to our memory, or allocated at each run. */
final class BoundOutputs {
    private final Session session;
    private final OrtApi api;
    private final Handle binding;
    private final Scratch scratch;

    /** In the order in which they were first bound, which is that of ONNX Runtime's answers. */
    private final Map<String, Optional<Tensor>> outputs = new LinkedHashMap<>();

    /** Views of the last run's allocated outputs, made when first asked for. */
    private final Map<String, Tensor> views = new HashMap<>();

    private @Nullable ViewScope scope;
    private boolean complete;

    /** True once ONNX Runtime keeps an allocated output, which another run would write into. */
    private boolean used;

    BoundOutputs(Session session, Handle binding, Scratch scratch) {
        this.session = session;
        this.api = session.environment().api();
        this.binding = binding;
        this.scratch = scratch;
    }

    void bind(String name, Tensor tensor) {
        MemorySegment string = session.outputNames().string(name);
        try (Handle value = TensorValues.wrap(session.environment(), tensor, scratch)) {
            api.call(OrtFunction.BIND_OUTPUT, binding.pointer(), string, value.pointer());
        }
        outputs.put(name, Optional.of(tensor));
        forget();
    }

    void bind(String name) {
        bindToMainMemory(name);
        outputs.put(name, Optional.empty());
        forget();
    }

    void startRun() {
        forget();
        if (used) {
            // Shapes may differ from the last run's.
            outputs.forEach((name, tensor) -> {
                if (tensor.isEmpty()) {
                    bindToMainMemory(name);
                }
            });
        }
        used = true;
    }

    void endRun() {
        complete = true;
    }

    Tensor get(String name) {
        Optional<Tensor> bound = outputs.get(name);
        if (bound == null || !complete) {
            throw new IllegalStateException(
                    "no run gave the output %s since it was bound; bound are %s"
                            .formatted(name, outputs.keySet()));
        }
        return bound.orElseGet(() -> view(name));
    }

    /** No output can be read until the next run has ended. */
    void forget() {
        complete = false;
        views.clear();
        if (scope != null) {
            scope.close();
            scope = null;
        }
    }

    private Tensor view(String name) {
        if (views.isEmpty()) {
            readAll();
        }
        return Objects.requireNonNull(views.get(name));
    }

    private void readAll() {
        List<Handle> values = new ArrayList<>(outputs.size());
        try {
            takeValues(values);
            ViewScope opened = new ViewScope();
            scope = opened;
            int index = 0;
            for (Map.Entry<String, Optional<Tensor>> output : outputs.entrySet()) {
                MemorySegment value = values.get(index++).pointer();
                if (output.getValue().isEmpty()) {
                    views.put(output.getKey(), TensorValues.view(api, value, opened, scratch));
                }
            }
        } finally {
            // The binding itself keeps the memory.
            values.forEach(Handle::close);
        }
    }

    private void takeValues(List<Handle> values) {
        MemorySegment allocator = session.environment().allocator();
        api.call(
                OrtFunction.GET_BOUND_OUTPUT_VALUES,
                binding.pointer(),
                allocator,
                scratch.out(),
                scratch.second());
        long count = scratch.second().get(JAVA_LONG, 0);
        MemorySegment array = scratch.pointerOut().reinterpret(count * ADDRESS.byteSize());
        for (long i = 0; i < count; i++) {
            MemorySegment value = array.getAtIndex(ADDRESS, i);
            values.add(new Handle(api, OrtFunction.RELEASE_VALUE, value));
        }
        api.call(OrtFunction.ALLOCATOR_FREE, allocator, array);
    }

    private void bindToMainMemory(String name) {
        api.call(
                OrtFunction.BIND_OUTPUT_TO_DEVICE,
                binding.pointer(),
                session.outputNames().string(name),
                session.environment().mainMemory());
    }
}
