package dev.plumbline.server.plugin;

/**
 * What an installation or a reload did.
 *
 * @param plugin as it is now
 * @param replaced the version whose place it took, empty where there was none
 */
public record PluginChange(PluginInfo plugin, String replaced) {}
