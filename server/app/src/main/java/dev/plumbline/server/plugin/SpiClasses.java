package dev.plumbline.server.plugin;

import dev.plumbline.spi.NegativeSelector;
import java.net.URL;
import java.util.Enumeration;
import java.util.List;

/**
 * What a plugin sees of the server: the SPI, PF4J and the JDK. Nothing of the server's own can end
 * up in a plugin, and no cache of the server's libraries keeps a plugin's classes.
 */
final class SpiClasses extends ClassLoader {
    private static final List<String> OFFERED =
            List.of("dev.plumbline.spi.", "org.pf4j.", "org.slf4j.", "org.jspecify.annotations.");

    /** The SPI's own class loader, or Quarkus tests see no extension, silently. */
    private final ClassLoader server = NegativeSelector.class.getClassLoader();

    SpiClasses() {
        super("plumbline-spi", getPlatformClassLoader());
    }

    static boolean offers(String className) {
        return OFFERED.stream().anyMatch(className::startsWith);
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        if (offers(name)) {
            return server.loadClass(name);
        }
        throw new ClassNotFoundException(name);
    }

    @Override
    public URL getResource(String name) {
        return getPlatformClassLoader().getResource(name);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws java.io.IOException {
        return getPlatformClassLoader().getResources(name);
    }
}
