package dev.plumbline.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemMemoryTest {
    private static final String MEMINFO =
            "MemTotal:       8000000 kB\nMemFree:  1 kB\nMemAvailable:    1000000 kB\n";

    @TempDir Path root;

    @Test
    void tellsWhatTheKernelCallsAvailable() throws IOException {
        put("proc/meminfo", MEMINFO);
        assertThat(available()).isEqualTo(1_000_000L * 1024);
    }

    @Test
    void respectsTheLimitOfACgroupOfVersion2AboveItsOwn() throws IOException {
        put("proc/meminfo", MEMINFO);
        put("proc/self/cgroup", "0::/pod/container\n");
        put("sys/fs/cgroup/pod/container/memory.max", "max\n");
        put("sys/fs/cgroup/pod/container/memory.current", "5\n");
        put("sys/fs/cgroup/pod/memory.max", "100000\n");
        put("sys/fs/cgroup/pod/memory.current", "70000\n");
        put("sys/fs/cgroup/pod/memory.stat", "anon 1\ninactive_file 5000\n");
        assertThat(available()).isEqualTo(35_000);
    }

    @Test
    void respectsTheLimitOfACgroupOfVersion1SeenFromInside() throws IOException {
        put("proc/meminfo", MEMINFO);
        put("proc/self/cgroup", "9:name=systemd:/\n4:cpu,memory:/docker/abc\n0::/\n");
        put("sys/fs/cgroup/memory/memory.limit_in_bytes", "100000\n");
        put("sys/fs/cgroup/memory/memory.usage_in_bytes", "70000\n");
        put("sys/fs/cgroup/memory/memory.stat", "cache 1\ntotal_inactive_file 2000\n");
        assertThat(available()).isEqualTo(32_000);
    }

    @Test
    void takesNoLimitForNoLimit() throws IOException {
        put("proc/meminfo", MEMINFO);
        put("proc/self/cgroup", "4:memory:/\n0::/../elsewhere\nnonsense\n");
        put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        put("sys/fs/cgroup/memory/memory.usage_in_bytes", "70000\n");
        put("sys/fs/cgroup/memory.max", "max\n");
        assertThat(available()).isEqualTo(1_000_000L * 1024);
    }

    @Test
    void fallsBackWhereThereIsNoProc() {
        assertThat(available()).isPositive();
        assertThat(new SystemMemory().availableBytes()).isPositive();
    }

    private long available() {
        return new SystemMemory(root).availableBytes();
    }

    private void put(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
