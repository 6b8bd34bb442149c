package dev.plumbline.server.plugin;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** All plugins at one moment; of two that offer the same the one counts whose id comes first. */
final class Catalog {
    static final Catalog EMPTY = new Catalog(List.of());

    private final SortedMap<String, LoadedPlugin> plugins = new TreeMap<>();
    private final Map<Kind, SortedMap<String, Found>> offers = new EnumMap<>(Kind.class);
    private final List<String> clashes = new ArrayList<>();

    /** A plugin and what it offers under a name. */
    record Found(LoadedPlugin plugin, Offer offer) {}

    Catalog(Collection<LoadedPlugin> loaded) {
        loaded.forEach(plugin -> plugins.put(plugin.id(), plugin));
        for (Kind kind : Kind.values()) {
            offers.put(kind, new TreeMap<>());
        }
        for (LoadedPlugin plugin : plugins.values()) {
            for (Offer offer : plugin.offers()) {
                Found first = of(offer.kind()).putIfAbsent(offer.name(), new Found(plugin, offer));
                if (first != null) {
                    clashes.add(
                            "Plugin %s: its %s %s is left out, plugin %s offers that name already"
                                    .formatted(
                                            plugin.id(),
                                            offer.kind().text(),
                                            offer.name(),
                                            first.plugin().id()));
                }
            }
        }
    }

    private SortedMap<String, Found> of(Kind kind) {
        return java.util.Objects.requireNonNull(offers.get(kind));
    }

    /** What is left out, as sentences. */
    List<String> clashes() {
        return List.copyOf(clashes);
    }

    Optional<LoadedPlugin> plugin(String id) {
        return Optional.ofNullable(plugins.get(id));
    }

    List<LoadedPlugin> plugins() {
        return List.copyOf(plugins.values());
    }

    Optional<Found> find(Kind kind, String name) {
        return Optional.ofNullable(of(kind).get(name));
    }

    List<String> names(Kind kind) {
        return List.copyOf(of(kind).keySet());
    }

    /** Whether the plugin's offer is the one that counts. */
    boolean counts(LoadedPlugin plugin, Offer offer) {
        return find(offer.kind(), offer.name()).filter(f -> f.plugin() == plugin).isPresent();
    }

    /** The same with a plugin, in the place of an earlier version. */
    Catalog with(LoadedPlugin plugin) {
        return new Catalog(Stream.concat(others(plugin.id()), Stream.of(plugin)).toList());
    }

    Catalog without(String id) {
        return new Catalog(others(id).toList());
    }

    private Stream<LoadedPlugin> others(String id) {
        return plugins.values().stream()
                .filter(p -> !p.id().equals(id))
                .sorted(Comparator.comparing(LoadedPlugin::id));
    }
}
