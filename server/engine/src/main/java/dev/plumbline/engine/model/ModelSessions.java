package dev.plumbline.engine.model;

import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.onnx.OnnxWriter;
import dev.plumbline.engine.runtime.Device;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.Session;
import dev.plumbline.engine.runtime.Weights;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Sessions over one copy of the weights, made when first wanted and kept. */
public final class ModelSessions implements AutoCloseable {
    private final Runtime runtime;
    private final Weights weights;
    private final ModelFamily family;
    private final Map<Key, Session> sessions = new HashMap<>();

    /** What a session computes, and for which adapted layers. */
    private record Key(String purpose, Set<String> adapted) {}

    ModelSessions(Runtime runtime, Weights weights, ModelFamily family) {
        this.runtime = runtime;
        this.weights = weights;
        this.family = family;
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
        return session("decoder", adapted, () -> family.decoder(adapted));
    }

    /** Log-probabilities of answers, {@code token_logps}; see {@link AnswerGraph}. */
    public Session answers(Set<String> adapted) {
        return session(
                "answers",
                adapted,
                () -> {
                    GraphBuilder builder = new GraphBuilder("answers");
                    AnswerGraph answers = family.answers(builder, adapted);
                    builder.output("token_logps", answers.tokenLogps());
                    return builder.build();
                });
    }

    /** Any other graph over the model's weights. */
    public Session session(String purpose, Set<String> adapted, Supplier<Graph> graph) {
        synchronized (sessions) {
            return sessions.computeIfAbsent(
                    new Key(purpose, adapted),
                    key -> runtime.session(OnnxWriter.write(graph.get()), weights, Device.CPU));
        }
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
