package dev.plumbline.server.plugin;

import java.nio.file.Path;

/**
 * A plugin's jar.
 *
 * @param bundled whether it came with the server, rather than being installed
 */
record PluginFile(Path path, boolean bundled) {}
