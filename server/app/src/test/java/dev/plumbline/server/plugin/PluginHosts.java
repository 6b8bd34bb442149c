package dev.plumbline.server.plugin;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Hosts for tests, which are patient for a second. */
final class PluginHosts {
    static final Duration DEADLINE = Duration.ofSeconds(1);

    private PluginHosts() {}

    static PluginHost of(Path installed, Path... bundled) {
        Path copies = installed.resolve("../copies-" + installed.getFileName()).normalize();
        return new PluginHost(new PluginFiles(List.of(bundled), installed, copies), DEADLINE);
    }
}
