package dev.plumbline.server.plugin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jboss.logging.Logger;
import org.pf4j.PluginRuntimeException;
import org.pf4j.PluginState;
import org.pf4j.PluginWrapper;

/**
 * A plugin's classes, out of a copy of its jar: the jar itself can be replaced at any time.
 *
 * @param copy deleted when this is closed
 */
record PluginJar(JarHead head, Path copy, JarPlugins manager, ClassLoader classLoader) {
    private static final Logger LOG = Logger.getLogger(PluginJar.class);

    /**
     * Starts the plugin, which may run its code.
     *
     * @throws Unusable saying what is wrong with it
     */
    static PluginJar open(JarHead head, Path copy) {
        Path folder = copy.getParent();
        if (folder == null) {
            throw new IllegalStateException("a copy lies in a folder: " + copy);
        }
        var manager = new JarPlugins(folder);
        try {
            String id = manager.loadPlugin(copy);
            PluginWrapper plugin = manager.getPlugin(id);
            if (plugin.getPluginState() == PluginState.DISABLED) {
                throw new Unusable(
                        "it was built for another SPI: it requires %s, the server has %s"
                                .formatted(
                                        plugin.getDescriptor().getRequires(),
                                        JarPlugins.SPI_VERSION));
            }
            start(manager, plugin);
            return new PluginJar(head, copy, manager, plugin.getPluginClassLoader());
        } catch (PluginRuntimeException e) {
            close(manager);
            throw new Unusable("it cannot be loaded: " + e.getMessage());
        } catch (RuntimeException | Error e) {
            close(manager);
            throw e;
        }
    }

    private static void start(JarPlugins manager, PluginWrapper plugin) {
        if (manager.startPlugin(plugin.getPluginId()) != PluginState.STARTED) {
            Throwable why = plugin.getFailedException();
            throw new Unusable(
                    "its Plugin-Class cannot be started" + (why == null ? "" : ": " + why));
        }
    }

    /** Names of the classes in its index. */
    List<String> extensions() {
        return manager.getExtensionClassNames(head.id()).stream().sorted().toList();
    }

    /** Stops the plugin, lets its classes go and deletes the copy. */
    void close() {
        close(manager);
        try {
            Files.deleteIfExists(copy);
        } catch (IOException e) {
            LOG.debugf(e, "%s is left", copy);
        }
    }

    private static void close(JarPlugins manager) {
        for (PluginWrapper plugin : List.copyOf(manager.getPlugins())) {
            try {
                manager.unloadPlugin(plugin.getPluginId());
            } catch (RuntimeException | Error e) {
                LOG.warnf("Plugin %s does not stop: %s", plugin.getPluginId(), Fault.of(e));
            }
        }
    }
}
