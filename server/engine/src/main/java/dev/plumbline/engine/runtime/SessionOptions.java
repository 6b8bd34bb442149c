package dev.plumbline.engine.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/** How graphs are loaded: on the shared threads, with our weights in place. */
final class SessionOptions {
    /** Fusions that only rewrite the graph; graphs come with the fused operators already in. */
    private static final int BASIC_OPTIMIZATIONS = 1;

    /**
     * A system property for measurements: the beginning of the names of files into which ONNX
     * Runtime writes what each session's operators took, when it is closed.
     */
    private static final String PROFILES = "plumbline.onnxruntime.profiles";

    private SessionOptions() {}

    /** The options for one graph, which adds the weights that it names. */
    static Handle make(Environment environment, byte[] model, Weights weights, Packing packing) {
        OrtApi api = environment.api();
        Handle options =
                Handle.make(
                        api,
                        OrtFunction.RELEASE_SESSION_OPTIONS,
                        out -> api.call(OrtFunction.CREATE_SESSION_OPTIONS, out));
        try (Arena arena = Arena.ofConfined()) {
            api.call(OrtFunction.DISABLE_PER_SESSION_THREADS, options.pointer());
            // Sequence lengths vary: a plan for each of them would hold memory for nothing.
            api.call(OrtFunction.DISABLE_MEM_PATTERN, options.pointer());
            api.call(
                    OrtFunction.SET_SESSION_GRAPH_OPTIMIZATION_LEVEL,
                    options.pointer(),
                    BASIC_OPTIMIZATIONS);
            String profiles = System.getProperty(PROFILES);
            if (profiles != null) {
                // Names end in the second at which they are made, which several sessions share.
                MemorySegment name = arena.allocateFrom(profiles + "-" + System.nanoTime());
                api.call(OrtFunction.ENABLE_PROFILING, options.pointer(), name);
            }
            entries(environment, packing)
                    .forEach((key, value) ->
                            api.call(
                                    OrtFunction.ADD_SESSION_CONFIG_ENTRY,
                                    options.pointer(),
                                    arena.allocateFrom(key),
                                    arena.allocateFrom(value)));
            for (ExternalWeights.Declaration weight : ExternalWeights.declarations(model)) {
                api.call(
                        OrtFunction.ADD_INITIALIZER,
                        options.pointer(),
                        arena.allocateFrom(weight.name()),
                        weights.value(weight));
            }
            return options;
        } catch (RuntimeException | Error e) {
            options.close();
            throw e;
        }
    }

    private static Map<String, String> entries(Environment environment, Packing packing) {
        return Map.of(
                "session.disable_prepacking",
                packing == Packing.NONE ? "1" : "0",
                "session.model_external_initializers_file_folder_path",
                environment.externalFolder().toString(),
                // Merging a cast of the forward and the backward pass keeps its result alive in
                // between, and folding a cast of a weight makes a copy of it. Nodes run in the
                // order
                // in which a search back from the last output first finds them: the identities
                // before the outputs are what makes that the order of the outputs, reversed.
                // Without
                // them the gradients of the first layer would come first and those of all others
                // last, and what they are made of would be held until then.
                "optimization.disable_specified_optimizers",
                "CommonSubexpressionElimination;ConstantFolding;EliminateIdentity");
    }
}
