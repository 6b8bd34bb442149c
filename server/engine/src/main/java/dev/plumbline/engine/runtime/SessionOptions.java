package dev.plumbline.engine.runtime;

import java.lang.foreign.Arena;
import java.util.Map;

/** How graphs are loaded: on the shared threads, with our weights in place. */
final class SessionOptions {
    /** Fusions that only rewrite the graph; graphs come with the fused operators already in. */
    private static final int BASIC_OPTIMIZATIONS = 1;

    private SessionOptions() {}

    /** The options for one graph, which adds the weights that it names. */
    static Handle make(Environment environment, byte[] model, Weights weights) {
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
            entries(environment)
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

    private static Map<String, String> entries(Environment environment) {
        return Map.of(
                // A packed copy of every weight for every session, and no faster for fp32.
                "session.disable_prepacking",
                "1",
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
