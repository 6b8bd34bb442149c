package dev.plumbline.server.plugin;

/**
 * A selector or a loss and the plugin that it came from.
 *
 * @param name by which clients ask for it
 * @param version of the plugin, from its descriptor
 */
public record Plugged<T>(String name, String pluginId, String version, T extension) {}
