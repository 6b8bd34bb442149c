package dev.plumbline.engine.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Linux says about this process's memory; watches the most that was in use. */
final class ProcessMemory implements AutoCloseable {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path PAGES = Path.of("/proc/self/smaps_rollup");
    private static final long PERIOD_MILLIS = 50;

    private final Thread watch = Thread.ofPlatform().daemon().unstarted(this::watch);
    private volatile long mostAnonymous;
    private volatile boolean closed;

    private ProcessMemory() {}

    static ProcessMemory watching() {
        ProcessMemory memory = new ProcessMemory();
        memory.watch.start();
        return memory;
    }

    /**
     * {@code peak_resident}, {@code resident} and {@code proportional} include the pages of mapped
     * files, {@code anonymous} and {@code peak_anonymous} do not; {@code heap} is Java's share of
     * these, as committed.
     */
    void describe(ObjectNode report) {
        mostAnonymous = Math.max(mostAnonymous, bytes(STATUS, "RssAnon"));
        report.put("peak_resident", bytes(STATUS, "VmHWM"))
                .put("resident", bytes(STATUS, "VmRSS"))
                .put("peak_anonymous", mostAnonymous)
                .put("anonymous", bytes(STATUS, "RssAnon"))
                .put("proportional", bytes(PAGES, "Pss"))
                .put(
                        "heap",
                        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted());
    }

    private void watch() {
        while (!closed) {
            mostAnonymous = Math.max(mostAnonymous, bytes(STATUS, "RssAnon"));
            try {
                Thread.sleep(PERIOD_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static long bytes(Path file, String field) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(field + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        closed = true;
        watch.interrupt();
    }
}
