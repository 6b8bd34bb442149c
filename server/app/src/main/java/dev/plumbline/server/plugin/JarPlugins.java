package dev.plumbline.server.plugin;

import dev.plumbline.spi.NegativeSelector;
import java.nio.file.Path;
import java.util.List;
import org.pf4j.JarPluginLoader;
import org.pf4j.JarPluginManager;
import org.pf4j.PluginClassLoader;
import org.pf4j.PluginDescriptor;
import org.pf4j.PluginLoader;
import org.pf4j.RuntimeMode;

/** One jar a plugin, each in a class loader of its own. */
final class JarPlugins extends JarPluginManager {
    /** What a plugin's {@code Plugin-Requires} is held against. */
    static final String SPI_VERSION = "1.0.0";

    JarPlugins(List<Path> folders) {
        super(folders.toArray(Path[]::new));
        setSystemVersion(SPI_VERSION);
    }

    /** Never what a system property says: classes of a build folder would shadow the jars. */
    @Override
    public RuntimeMode getRuntimeMode() {
        return RuntimeMode.DEPLOYMENT;
    }

    /**
     * The parent must be the SPI's own class loader, or Quarkus tests see no extension, silently.
     */
    @Override
    protected PluginLoader createPluginLoader() {
        ClassLoader parent = NegativeSelector.class.getClassLoader();
        return new JarPluginLoader(this) {
            @Override
            public ClassLoader loadPlugin(Path path, PluginDescriptor descriptor) {
                var loader = new PluginClassLoader(pluginManager, descriptor, parent);
                loader.addFile(path.toFile());
                return loader;
            }
        };
    }
}
