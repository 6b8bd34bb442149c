package dev.plumbline.engine.generate;

import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.model.ModelSessions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Bound decoders, one for each set of adapted layers; the last ones are kept. For one thread. */
final class Decoders implements AutoCloseable {
    private static final int MOST = 4;

    private final ModelSessions sessions;
    private final AdapterStacks stacks = new AdapterStacks();
    private final Map<Set<String>, BoundDecoder> kept = new LinkedHashMap<>(16, 0.75f, true);

    Decoders(ModelSessions sessions) {
        this.sessions = sessions;
    }

    /**
     * A decoder of some rows of a buffer.
     *
     * @param adapters one for each of those rows
     */
    BoundDecoder bind(KeyValueBuffer buffer, int from, List<Optional<LoraAdapter>> adapters) {
        AdapterStack stack = stacks.of(adapters);
        BoundDecoder decoder = kept.get(stack.modules());
        if (decoder == null) {
            decoder = new BoundDecoder(sessions.decoder(stack.modules()));
            kept.put(stack.modules(), decoder);
            dropOldest();
        }
        decoder.rows(buffer, from, from + adapters.size());
        if (stack.rank() > 0) {
            decoder.adapters(stack, stack.mask(adapters));
        }
        return decoder;
    }

    private void dropOldest() {
        if (kept.size() > MOST) {
            var oldest = kept.entrySet().iterator();
            oldest.next().getValue().close();
            oldest.remove();
        }
    }

    @Override
    public void close() {
        kept.values().forEach(BoundDecoder::close);
        kept.clear();
        stacks.clear();
    }
}
