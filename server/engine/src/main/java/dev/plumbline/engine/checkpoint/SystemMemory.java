package dev.plumbline.engine.checkpoint;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * How much memory this process may still use: what the kernel calls available (the page cache,
 * which mapped weights live in, counts as free), cut to what the control groups of a container
 * leave.
 */
public final class SystemMemory {
    private final Path root;

    /** Of this machine. */
    public SystemMemory() {
        this(Path.of("/"));
    }

    /**
     * @param root where {@code proc} and {@code sys} are
     */
    SystemMemory(Path root) {
        this.root = root;
    }

    public long availableBytes() {
        long available = memAvailable().orElseGet(SystemMemory::freePhysical);
        for (String line : lines(root.resolve("proc/self/cgroup"))) {
            available = Math.min(available, groupLeaves(line));
        }
        return available;
    }

    private OptionalLong memAvailable() {
        return lines(root.resolve("proc/meminfo")).stream()
                .filter(line -> line.startsWith("MemAvailable:"))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .mapToLong(kibibytes -> Long.parseLong(kibibytes) * 1024)
                .findFirst();
    }

    /** A line is {@code 0::/path} in version 2, {@code 4:memory:/path} in version 1. */
    private long groupLeaves(String line) {
        String[] parts = line.split(":", 3);
        if (parts.length < 3) {
            return Long.MAX_VALUE;
        }
        if (parts[1].isEmpty()) {
            return leaves(
                    root.resolve("sys/fs/cgroup"),
                    parts[2],
                    List.of("memory.max", "memory.current", "inactive_file"));
        }
        if (List.of(parts[1].split(",", -1)).contains("memory")) {
            return leaves(
                    root.resolve("sys/fs/cgroup/memory"),
                    parts[2],
                    List.of(
                            "memory.limit_in_bytes",
                            "memory.usage_in_bytes",
                            "total_inactive_file"));
        }
        return Long.MAX_VALUE;
    }

    /** A limit anywhere up the tree binds; inside a container the own group may be the root. */
    private static long leaves(Path mount, String group, List<String> names) {
        long least = Long.MAX_VALUE;
        Path own = mount.resolve(group.replaceFirst("^/+", "")).normalize();
        Path folder = own.startsWith(mount) ? own : mount;
        while (folder != null && folder.startsWith(mount)) {
            least = Math.min(least, leaves(folder, names));
            folder = folder.getParent();
        }
        return least;
    }

    private static long leaves(Path folder, List<String> names) {
        OptionalLong limit = number(folder.resolve(names.get(0)));
        OptionalLong usage = number(folder.resolve(names.get(1)));
        if (limit.isEmpty() || usage.isEmpty()) {
            return Long.MAX_VALUE;
        }
        // Cached file pages count as usage, but the kernel drops them before it refuses memory.
        long reclaimable =
                lines(folder.resolve("memory.stat")).stream()
                        .filter(line -> line.startsWith(names.get(2) + " "))
                        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(' ') + 1)))
                        .findFirst()
                        .orElse(0);
        return Math.max(0, limit.getAsLong() - usage.getAsLong() + reclaimable);
    }

    private static OptionalLong number(Path file) {
        return lines(file).stream()
                .filter(line -> line.matches("[0-9]{1,19}"))
                .mapToLong(SystemMemory::parse)
                .findFirst();
    }

    private static long parse(String digits) {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    private static List<String> lines(Path file) {
        if (!Files.isReadable(file)) {
            return List.of();
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of();
        }
    }

    private static long freePhysical() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getFreeMemorySize();
    }
}
