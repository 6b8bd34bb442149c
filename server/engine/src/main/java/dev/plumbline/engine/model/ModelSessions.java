package dev.plumbline.engine.model;

import dev.plumbline.engine.checkpoint.Sha256;
import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.graph.Lowering;
import dev.plumbline.engine.graph.Op;
import dev.plumbline.engine.onnx.OnnxWriter;
import dev.plumbline.engine.runtime.Device;
import dev.plumbline.engine.runtime.Packing;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.Session;
import dev.plumbline.engine.runtime.Weights;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Sessions over one copy of the weights, made when first wanted and kept. */
public final class ModelSessions implements AutoCloseable {
    private final Runtime runtime;
    private final ModelWeights kept;
    private final Weights weights;
    private final Lowering exact;
    private final Lowering generating;
    private final ModelFamily family;
    private final Map<Key, Session> sessions = new HashMap<>();

    /** What a session computes, and for which adapted layers. */
    private record Key(String purpose, Set<String> adapted) {}

    /**
     * @param released called when no session reads the weights any more
     */
    ModelSessions(Runtime runtime, ModelWeights weights, Runnable released, ModelFamily family) {
        this.runtime = runtime;
        this.family = family;
        kept = weights;
        exact = weights.lowering(false);
        generating = weights.lowering(weights.roundsActivations());
        this.weights = runtime.weights(weights.tensors(), released);
    }

    /** What the sessions run on. */
    public Runtime runtime() {
        return runtime;
    }

    Session vision() {
        return session("vision", Set.of(), family::vision);
    }

    /** The decoder with a cache; see {@link ModelFamily#decoder}. */
    public Session decoder(Set<String> adapted) {
        return session("decoder", adapted, generating, () -> family.decoder(adapted));
    }

    /** Log-probabilities of answers, {@code token_logps}; see {@link AnswerGraph}. */
    public Session answers(LoraTensors lora) {
        boolean dropout = lora.dropout().isPresent();
        return session(
                dropout ? "answers, dropout" : "answers",
                lora.modules(),
                () -> family.scores(lora.modules(), dropout));
    }

    /**
     * Any other graph over the model's weights. Its activations are not rounded, whatever the
     * model's precision: scores and gradients are those of the stored weights.
     */
    public Session session(String purpose, Set<String> adapted, Supplier<Graph> graph) {
        return session(purpose, adapted, exact, graph);
    }

    /** The graph of {@link #answers} as it is loaded. */
    public Graph scores(Set<String> adapted, boolean dropout) {
        return exact.lower(family.scores(adapted, dropout));
    }

    /**
     * SHA-256 of the graphs that log-probabilities are computed with, those of the pictures
     * included: another version of the engine that computes something else has another one.
     */
    public String scoresDigest() {
        MessageDigest sha = Sha256.start();
        sha.update(OnnxWriter.write(exact.lower(family.vision())));
        sha.update(OnnxWriter.write(scores(Set.of(), false)));
        return Sha256.hex(sha);
    }

    /** A graph as {@link #session} would load it. */
    public Graph lowered(Graph graph) {
        return exact.lower(graph);
    }

    private Session session(
            String purpose, Set<String> adapted, Lowering lowering, Supplier<Graph> graph) {
        synchronized (sessions) {
            return sessions.computeIfAbsent(
                    new Key(purpose, adapted), key -> load(lowering.lower(graph.get())));
        }
    }

    private Session load(Graph graph) {
        boolean quantized = graph.nodes().stream().anyMatch(n -> n.op() == Op.MATMUL_NBITS);
        Packing packing = quantized ? Packing.SHARED : Packing.NONE;
        Session session = runtime.session(OnnxWriter.write(graph), weights, Device.CPU, packing);
        if (quantized) {
            kept.unload();
        }
        return session;
    }

    @Override
    public void close() {
        synchronized (sessions) {
            sessions.values().forEach(Session::close);
            sessions.clear();
        }
        weights.close();
    }
}
