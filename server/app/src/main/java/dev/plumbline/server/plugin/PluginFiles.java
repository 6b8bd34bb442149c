package dev.plumbline.server.plugin;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** The folders in which plugins lie: those that came with the server, and those installed. */
final class PluginFiles {
    private static final Logger LOG = Logger.getLogger(PluginFiles.class);

    private final List<Path> bundled;
    private final Path installed;
    private final Path copies;
    private final AtomicLong counter = new AtomicLong();

    /**
     * @param copies where jars are loaded from; what a dead process left there is deleted
     */
    PluginFiles(List<Path> bundled, Path installed, Path copies) {
        this.installed = installed.toAbsolutePath().normalize();
        this.bundled =
                bundled.stream()
                        .map(f -> f.toAbsolutePath().normalize())
                        .distinct()
                        .filter(f -> !f.equals(this.installed))
                        .toList();
        this.copies = copies;
    }

    List<Path> folders() {
        return Stream.concat(Stream.of(installed), bundled.stream()).toList();
    }

    /** All jars, those first that win over others of the same id. */
    List<PluginFile> all() {
        List<PluginFile> files = new ArrayList<>();
        jars(installed).forEach(jar -> files.add(new PluginFile(jar, false)));
        bundled.forEach(
                folder -> jars(folder).forEach(jar -> files.add(new PluginFile(jar, true))));
        return files;
    }

    private static List<Path> jars(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> isJar(f.getFileName().toString())).sorted().toList();
        } catch (IOException e) {
            LOG.errorf("The plugins of %s cannot be listed: %s", folder, e);
            return List.of();
        }
    }

    private static boolean isJar(String name) {
        return name.endsWith(".jar") && !name.startsWith(".");
    }

    /** Where that plugin lies. */
    Optional<PluginFile> find(String id) {
        return all().stream().filter(file -> id.equals(id(file))).findFirst();
    }

    /** Where the version lies that came with the server. */
    Optional<PluginFile> findBundled(String id) {
        return all().stream().filter(f -> f.bundled() && id.equals(id(f))).findFirst();
    }

    private static String id(PluginFile file) {
        try {
            return JarHead.read(file.path()).id();
        } catch (Unusable e) {
            return "";
        }
    }

    /** A copy that nobody else touches. */
    Path copy(Path jar) throws IOException {
        Files.createDirectories(copies);
        String name =
                "%d-%d.jar".formatted(ProcessHandle.current().pid(), counter.getAndIncrement());
        return Files.copy(jar, copies.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }

    /** Deletes the copies of processes that are no more. */
    void sweep() {
        long own = ProcessHandle.current().pid();
        for (Path copy : jars(copies)) {
            String name = copy.getFileName().toString();
            try {
                long pid = Long.parseLong(name.substring(0, Math.max(name.indexOf('-'), 0)));
                if (pid != own && ProcessHandle.of(pid).isEmpty()) {
                    Files.deleteIfExists(copy);
                }
            } catch (NumberFormatException | IOException e) {
                LOG.debugf(e, "%s is left", copy);
            }
        }
    }

    /**
     * Installs a jar, as a whole or not at all; it takes the place of others of that id.
     *
     * @throws PlumblineException {@code FILE_NOT_WRITABLE}
     */
    PluginFile store(Path jar, String id) {
        Path target = installed.resolve(id + ".jar");
        try {
            Files.createDirectories(installed);
            Path partial = installed.resolve("." + id + ".jar.partial");
            Files.copy(jar, partial, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(
                    partial,
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            for (Path other : installed(id)) {
                if (!other.equals(target)) {
                    Files.deleteIfExists(other);
                }
            }
            return new PluginFile(target, false);
        } catch (IOException e) {
            throw notWritable(target, e);
        }
    }

    /** Deletes what was installed under an id. */
    void remove(String id) {
        for (Path jar : installed(id)) {
            try {
                Files.deleteIfExists(jar);
            } catch (IOException e) {
                throw notWritable(jar, e);
            }
        }
    }

    boolean isInstalled(String id) {
        return !installed(id).isEmpty();
    }

    private List<Path> installed(String id) {
        return jars(installed).stream()
                .filter(jar -> id.equals(id(new PluginFile(jar, false))))
                .toList();
    }

    private static PlumblineException notWritable(Path file, IOException e) {
        return new PlumblineException(
                        ErrorCode.FAILED_PRECONDITION,
                        "FILE_NOT_WRITABLE",
                        "%s cannot be written: %s".formatted(file, e),
                        Map.of("file", file.toString()))
                .causedBy(e);
    }
}
