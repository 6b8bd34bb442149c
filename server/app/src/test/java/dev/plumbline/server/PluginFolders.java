package dev.plumbline.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Folders of plugins for tests. */
final class PluginFolders {
    private PluginFolders() {}

    /** A new folder with those of the built plugins whose file names are wanted. */
    static Path built(Predicate<String> wanted) {
        Path from = Path.of(Objects.requireNonNull(System.getProperty("plumbline.plugins.dir")));
        try (Stream<Path> jars = Files.list(from)) {
            Path folder = Files.createTempDirectory("plugins");
            for (Path jar : jars.toList()) {
                String name = jar.getFileName().toString();
                if (wanted.test(name)) {
                    Files.copy(jar, folder.resolve(name));
                }
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
