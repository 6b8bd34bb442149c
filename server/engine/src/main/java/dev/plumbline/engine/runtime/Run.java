package dev.plumbline.engine.runtime;

import dev.plumbline.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One run of a graph whose outputs ONNX Runtime allocates. */
final class Run {
    private final Session session;
    private final RunBuffers buffers;
    private final Map<String, Tensor> inputs;
    private final List<String> outputs;
    private final OrtApi api;

    Run(Session session, RunBuffers buffers, Map<String, Tensor> inputs, List<String> outputs) {
        this.session = session;
        this.buffers = buffers;
        this.inputs = inputs;
        this.outputs = outputs;
        api = session.environment().api();
    }

    Results execute(Cancellation cancellation) {
        List<Handle> values = new ArrayList<>(inputs.size());
        try {
            giveInputs(values);
            askOutputs();
            if (cancellation.isPossible()) {
                try (RunOptions options = new RunOptions(api)) {
                    options.run(cancellation, this::invoke);
                }
            } else {
                invoke(MemorySegment.NULL);
            }
        } finally {
            values.forEach(Handle::close);
            Reference.reachabilityFence(inputs);
        }
        return collect();
    }

    private void giveInputs(List<Handle> values) {
        session.inputNames().requireAll(inputs.keySet());
        for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
            MemorySegment name = session.inputNames().string(input.getKey());
            Handle value =
                    TensorValues.wrap(session.environment(), input.getValue(), buffers.scratch());
            buffers.input(values.size(), name, value.pointer());
            values.add(value);
        }
    }

    private void askOutputs() {
        if (outputs.size() > session.outputNames().count()) {
            throw new IllegalArgumentException(
                    "%s asks for more than the outputs %s"
                            .formatted(outputs, session.outputNames().names()));
        }
        for (int i = 0; i < outputs.size(); i++) {
            buffers.output(i, session.outputNames().string(outputs.get(i)));
        }
    }

    private void invoke(MemorySegment options) {
        buffers.run(api, session.pointer(), options, inputs.size(), outputs.size());
    }

    private Results collect() {
        List<Handle> values = new ArrayList<>(outputs.size());
        for (int i = 0; i < outputs.size(); i++) {
            values.add(new Handle(api, OrtFunction.RELEASE_VALUE, buffers.output(i)));
        }
        ViewScope scope = new ViewScope();
        try {
            Map<String, Tensor> tensors = HashMap.newHashMap(outputs.size());
            for (int i = 0; i < outputs.size(); i++) {
                MemorySegment value = values.get(i).pointer();
                tensors.put(
                        outputs.get(i), TensorValues.view(api, value, scope, buffers.scratch()));
            }
            return new Results(session, tensors, values, scope, List.copyOf(inputs.values()));
        } catch (RuntimeException | Error e) {
            values.forEach(Handle::close);
            throw e;
        }
    }
}
