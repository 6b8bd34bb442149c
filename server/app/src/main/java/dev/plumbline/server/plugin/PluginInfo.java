package dev.plumbline.server.plugin;

import java.util.List;

/**
 * A plugin that is in use.
 *
 * @param bundled whether it came with the server
 * @param overrides whether it stands in for one of the same id that came with the server
 */
public record PluginInfo(
        String id, String version, boolean bundled, boolean overrides, List<Offer> offers) {
    public PluginInfo {
        offers = List.copyOf(offers);
    }
}
