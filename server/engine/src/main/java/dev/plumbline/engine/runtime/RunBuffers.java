package dev.plumbline.engine.runtime;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The arrays that a run takes, made once for a graph and used by one run at a time. */
final class RunBuffers {
    private static final MethodHandle PPPPLPLP = OrtApi.handle(Signature.PPPPLPLP);

    private final Scratch scratch = new Scratch();
    private final MemorySegment inputNames;
    private final MemorySegment inputs;
    private final MemorySegment outputNames;
    private final MemorySegment outputs;

    RunBuffers(int inputs, int outputs) {
        Arena arena = Arena.ofAuto();
        inputNames = arena.allocate(ADDRESS, inputs);
        this.inputs = arena.allocate(ADDRESS, inputs);
        outputNames = arena.allocate(ADDRESS, outputs);
        this.outputs = arena.allocate(ADDRESS, outputs);
    }

    Scratch scratch() {
        return scratch;
    }

    void input(int index, MemorySegment name, MemorySegment value) {
        inputNames.setAtIndex(ADDRESS, index, name);
        inputs.setAtIndex(ADDRESS, index, value);
    }

    /** Asks for an output, which ONNX Runtime allocates. */
    void output(int index, MemorySegment name) {
        outputNames.setAtIndex(ADDRESS, index, name);
        outputs.setAtIndex(ADDRESS, index, MemorySegment.NULL);
    }

    /** What the run stored for an output. */
    MemorySegment output(int index) {
        return outputs.getAtIndex(ADDRESS, index);
    }

    void run(OrtApi api, MemorySegment session, MemorySegment options, long given, long asked) {
        try {
            MemorySegment status =
                    (MemorySegment)
                            PPPPLPLP.invokeExact(
                                    api.address(OrtFunction.RUN, Signature.PPPPLPLP),
                                    session,
                                    options,
                                    inputNames,
                                    inputs,
                                    given,
                                    outputNames,
                                    asked,
                                    outputs);
            api.status().check(OrtFunction.RUN, status);
        } catch (Throwable e) {
            throw OrtApi.unexpected(e);
        }
    }
}
