package dev.plumbline.server.plugin;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.pf4j.ExtensionPoint;

/**
 * A plugin in one of its versions. It stays usable as long as anybody holds it: the host does until
 * another version takes its place, every use until it ends. Then its classes go.
 */
final class LoadedPlugin {
    /** So many threads may hang before the plugin is not called any more. */
    private static final int MOST_HUNG = 4;

    private final boolean bundled;
    private final JarHead head;
    private final List<Offer> offers;
    private final Duration deadline;
    private final AtomicInteger holders = new AtomicInteger(1);
    private final Set<Thread> hung = ConcurrentHashMap.newKeySet();

    /** Null once nobody holds them, so that whoever keeps this keeps no classes. */
    private volatile @Nullable Classes classes;

    private record Classes(PluginJar jar, Map<Offer, Class<?>> types) {}

    /**
     * @param bundled whether it came with the server
     * @param deadline for each of its calls
     */
    LoadedPlugin(
            boolean bundled, PluginJar jar, Map<Offer, Class<?>> extensions, Duration deadline) {
        this.bundled = bundled;
        this.head = jar.head();
        this.offers = List.copyOf(extensions.keySet());
        this.classes = new Classes(jar, Map.copyOf(extensions));
        this.deadline = deadline;
    }

    String id() {
        return head.id();
    }

    String version() {
        return head.version();
    }

    boolean bundled() {
        return bundled;
    }

    /** To be asked by one who holds it. */
    PluginJar jar() {
        return classes().jar();
    }

    private Classes classes() {
        return Objects.requireNonNull(classes, "nobody holds this plugin");
    }

    List<Offer> offers() {
        return offers;
    }

    /** Holds it once more, unless its classes are gone. */
    boolean hold() {
        int before = holders.getAndUpdate(n -> n == 0 ? 0 : n + 1);
        return before > 0;
    }

    /** Whoever is the last to let go closes it. */
    void release() {
        if (holders.decrementAndGet() == 0) {
            PluginJar jar = jar();
            classes = null;
            jar.close();
        }
    }

    /**
     * Begins a use of its code, which holds the plugin until its {@link #end}.
     *
     * @param cancellation by whoever wants what the code gives
     * @throws PlumblineException {@code PLUGIN_GONE}, {@code PLUGIN_HUNG}
     */
    Guard use(Offer offer, Cancellation cancellation) {
        hung.removeIf(thread -> !thread.isAlive());
        if (hung.size() >= MOST_HUNG) {
            throw failure(
                    offer,
                    "PLUGIN_HUNG",
                    "hangs in %d threads already: mend it, then reload it".formatted(hung.size()));
        }
        if (!hold()) {
            throw failure(
                    offer,
                    "PLUGIN_GONE",
                    "has been replaced meanwhile: try again with the new one");
        }
        return new Guard(suspect(offer), deadline, cancellation, jar().classLoader(), hung::add);
    }

    void end(Guard guard) {
        guard.close();
        release();
    }

    /** A new instance, made by the plugin's code: to be called under its guard. */
    <T extends ExtensionPoint> T instance(Offer offer, Class<T> type) throws Exception {
        Class<?> extension = Objects.requireNonNull(classes().types().get(offer));
        return type.cast(Extensions.instance(extension));
    }

    PlumblineException failure(Offer offer, String reason, String what) {
        Guard.Suspect suspect = suspect(offer);
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                reason,
                suspect.text() + " " + what,
                suspect.metadata());
    }

    private Guard.Suspect suspect(Offer offer) {
        Map<String, String> metadata = new HashMap<>();
        metadata.put(offer.kind().text(), offer.name());
        metadata.put("plugin_id", id());
        metadata.put("version", version());
        return new Guard.Suspect(
                "the %s plugin %s (%s %s)"
                        .formatted(offer.kind().text(), offer.name(), id(), version()),
                metadata);
    }
}
