package dev.plumbline.server.plugin;

import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.train.LossCatalog;
import dev.plumbline.spi.NegativeSelector;
import dev.plumbline.spi.PreferenceLoss;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One use of plugins, such as a call or a training run: what it has looked up once stays as it is,
 * in that version, until it is closed, whatever is installed meanwhile. Any thread may use it.
 */
public final class PluginUse implements LossCatalog, AutoCloseable {
    private final Supplier<Catalog> current;
    private final Map<String, Catalog.Found> held = new HashMap<>();
    private boolean closed;

    PluginUse(Supplier<Catalog> current) {
        this.current = current;
    }

    /**
     * A selector that calls its plugin under guard.
     *
     * @param cancellation by whoever wants what it chooses: a call under way then ends at once
     */
    public Optional<Plugged<NegativeSelector>> selector(String name, Cancellation cancellation) {
        return find(Kind.SELECTOR, name)
                .map(found ->
                        plugged(
                                name,
                                found,
                                f -> new GuardedSelector(f.plugin(), f.offer(), cancellation)));
    }

    /** A loss that calls its plugin under guard. */
    @Override
    public Optional<PreferenceLoss> loss(String name) {
        return find(Kind.LOSS, name).map(f -> new GuardedLoss(f.plugin(), f.offer()));
    }

    private static <T> Plugged<T> plugged(
            String name, Catalog.Found found, Function<Catalog.Found, T> extension) {
        LoadedPlugin plugin = found.plugin();
        return new Plugged<>(name, plugin.id(), plugin.version(), extension.apply(found));
    }

    /** Names of the losses there are. */
    @Override
    public List<String> names() {
        return current.get().names(Kind.LOSS);
    }

    /** Names of the selectors there are. */
    public List<String> selectors() {
        return current.get().names(Kind.SELECTOR);
    }

    private synchronized Optional<Catalog.Found> find(Kind kind, String name) {
        if (closed) {
            throw new IllegalStateException("this use of plugins has ended");
        }
        String key = kind + " " + name;
        Catalog.Found known = held.get(key);
        if (known != null) {
            return Optional.of(known);
        }
        while (true) {
            Optional<Catalog.Found> found = current.get().find(kind, name);
            // A version that is gone has a successor in the catalog already.
            if (found.isEmpty() || found.get().plugin().hold()) {
                found.ifPresent(f -> held.put(key, f));
                return found;
            }
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            held.values().forEach(found -> found.plugin().release());
            held.clear();
        }
    }
}
