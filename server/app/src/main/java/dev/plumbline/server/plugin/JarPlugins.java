package dev.plumbline.server.plugin;

import java.nio.file.Path;
import org.pf4j.JarPluginLoader;
import org.pf4j.JarPluginManager;
import org.pf4j.PluginClassLoader;
import org.pf4j.PluginDescriptor;
import org.pf4j.PluginLoader;
import org.pf4j.PluginManager;
import org.pf4j.RuntimeMode;

/**
 * PF4J for one jar. PF4J knows one version of an id at a time; with a manager each, an old version
 * works on beside the new one, and all that PF4J remembers of it goes with it.
 */
final class JarPlugins extends JarPluginManager {
    /** What a plugin's {@code Plugin-Requires} is held against. */
    static final String SPI_VERSION = "1.0.0";

    JarPlugins(Path folder) {
        super(folder);
        setSystemVersion(SPI_VERSION);
    }

    /** Never what a system property says: classes of a build folder would shadow the jars. */
    @Override
    public RuntimeMode getRuntimeMode() {
        return RuntimeMode.DEPLOYMENT;
    }

    @Override
    protected PluginLoader createPluginLoader() {
        return new JarPluginLoader(this) {
            @Override
            public ClassLoader loadPlugin(Path path, PluginDescriptor descriptor) {
                var loader = new Isolated(pluginManager, descriptor);
                loader.addFile(path.toFile());
                return loader;
            }
        };
    }

    /**
     * The jar's classes first, but for the SPI's: those are the server's, whatever a jar brings.
     */
    private static final class Isolated extends PluginClassLoader {
        private final SpiClasses spi;

        Isolated(PluginManager manager, PluginDescriptor descriptor) {
            this(manager, descriptor, new SpiClasses());
        }

        private Isolated(PluginManager manager, PluginDescriptor descriptor, SpiClasses spi) {
            super(manager, descriptor, spi);
            this.spi = spi;
        }

        @Override
        public Class<?> loadClass(String className) throws ClassNotFoundException {
            return SpiClasses.offers(className)
                    ? spi.loadClass(className)
                    : super.loadClass(className);
        }
    }
}
