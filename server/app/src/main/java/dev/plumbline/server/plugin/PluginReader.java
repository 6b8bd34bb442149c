package dev.plumbline.server.plugin;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Loads plugins, and finds out whatever can be found out before one is used. */
final class PluginReader {
    private static final Logger LOG = Logger.getLogger(PluginReader.class);

    /** Being loaded is no work. */
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final PluginFiles files;
    private final Duration deadline;

    PluginReader(PluginFiles files, Duration deadline) {
        this.files = files;
        this.deadline = deadline;
    }

    /**
     * Loads a copy of a jar.
     *
     * @param shown what messages call the jar
     * @throws PlumblineException {@code PLUGIN_INVALID} or {@code PLUGIN_TIMEOUT}
     */
    LoadedPlugin read(PluginFile file, String shown) {
        Path copy;
        try {
            if (!Files.isRegularFile(file.path())) {
                throw new Unusable("there is no such file");
            }
            copy = files.copy(file.path());
        } catch (Unusable e) {
            throw invalid(shown, Optional.empty(), e.why());
        } catch (IOException e) {
            throw invalid(shown, Optional.empty(), "it cannot be read: " + e);
        }
        try {
            return load(file, copy, shown);
        } catch (RuntimeException | Error e) {
            delete(copy);
            throw e;
        }
    }

    private LoadedPlugin load(PluginFile file, Path copy, String shown) {
        JarHead head;
        try {
            head = JarHead.read(copy);
        } catch (Unusable e) {
            throw invalid(shown, Optional.empty(), e.why());
        }
        var suspect =
                new Guard.Suspect(
                        "the plugin %s %s (%s)".formatted(head.id(), head.version(), shown),
                        metadata(shown, Optional.of(head)));
        Duration patience = deadline.compareTo(LONGEST) < 0 ? deadline : LONGEST;
        try (var guard = new Guard(suspect, patience, Cancellation.none(), null, thread -> {})) {
            return guard.call("loading", () -> load(file, head, copy));
        } catch (Unusable e) {
            throw invalid(shown, Optional.of(head), e.why());
        } catch (Fault e) {
            throw invalid(shown, Optional.of(head), "it threw " + e);
        }
    }

    private LoadedPlugin load(PluginFile file, JarHead head, Path copy) throws Exception {
        PluginJar jar = PluginJar.open(head, copy);
        Thread.currentThread().setContextClassLoader(jar.classLoader());
        try {
            return new LoadedPlugin(file.bundled(), jar, Extensions.of(jar), deadline);
        } catch (Exception | Error e) {
            jar.close();
            throw e;
        }
    }

    private static void delete(Path copy) {
        try {
            Files.deleteIfExists(copy);
        } catch (IOException e) {
            LOG.debugf(e, "%s is left", copy);
        }
    }

    private static Map<String, String> metadata(String shown, Optional<JarHead> head) {
        Map<String, String> metadata = new HashMap<>();
        metadata.put("file", shown);
        head.ifPresent(h -> {
            metadata.put("plugin_id", h.id());
            metadata.put("version", h.version());
        });
        return metadata;
    }

    private static PlumblineException invalid(String shown, Optional<JarHead> head, String why) {
        String who =
                head.map(h -> "the plugin %s %s (%s)".formatted(h.id(), h.version(), shown))
                        .orElse(shown);
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "PLUGIN_INVALID",
                "%s cannot be used: %s".formatted(who, why),
                metadata(shown, head));
    }
}
