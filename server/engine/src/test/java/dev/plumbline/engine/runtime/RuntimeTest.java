package dev.plumbline.engine.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuntimeTest {
    private static final RuntimeOptions OPTIONS = RuntimeHarness.OPTIONS;

    @TempDir Path folder;

    @Test
    void opensTheJarsLibrary() {
        for (int i = 0; i < 3; i++) {
            Runtime runtime = Runtime.open(OPTIONS);
            assertThat(runtime.version()).isEqualTo("1.29.0");
            assertThat(runtime.threads()).isEqualTo(2);
            assertThat(runtime.liveHandles()).isPositive();
            runtime.close();
            runtime.close();
            assertThat(runtime.liveHandles()).isZero();
        }
    }

    @Test
    void refusesASecondNumberOfThreads() {
        RuntimeOptions three = new RuntimeOptions(3, Optional.empty(), OPTIONS.nativeFolder());
        try (Runtime first = Runtime.open(OPTIONS);
                Runtime second = Runtime.open(OPTIONS)) {
            assertThat(second.threads()).isEqualTo(first.threads());
            assertThatThrownBy(() -> Runtime.open(three))
                    .hasMessageContaining("runs with 2 threads");
        }
        try (Runtime last = Runtime.open(three)) {
            assertThat(last.threads()).isEqualTo(3);
        }
    }

    @Test
    void unpacksOnceThoughManyAskAtOnce() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Path>> files = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                files.add(threads.submit(() -> NativeLibrary.unpack(folder)));
            }
            for (Future<Path> file : files) {
                assertThat(file.get()).isEqualTo(files.getFirst().get());
            }
        }
        Path file = NativeLibrary.unpack(folder);
        assertThat(file.toString()).contains("1.29.0");
        try (Stream<Path> beside = Files.list(file.resolveSibling("."))) {
            assertThat(beside).hasSize(1);
        }
        FileTime before = Files.getLastModifiedTime(file);
        NativeLibrary.unpack(folder);
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(before);
    }

    @Test
    void unpacksAgainOverAPart() throws IOException {
        Path file = NativeLibrary.unpack(folder);
        long whole = Files.size(file);
        Files.write(file, new byte[100]);
        assertThat(Files.size(NativeLibrary.unpack(folder))).isEqualTo(whole);
    }

    @Test
    void opensAnotherLibrary() {
        Path library = NativeLibrary.unpack(folder);
        Runtime.open(new RuntimeOptions(2, Optional.of(library), folder)).close();
        assertThat(folder.resolve("external").resolve("weights")).exists();
    }

    @Test
    void refusesWhatIsNotOnnxRuntime() throws IOException {
        Path text = Files.writeString(folder.resolve("libonnxruntime.so"), "no library");
        assertUnusable(text, "cannot be loaded");
        assertUnusable(folder.resolve("missing.so"), "cannot be loaded");
        Path other = Path.of(System.getProperty("java.home"), "lib", System.mapLibraryName("java"));
        assertUnusable(other, "no function OrtGetApiBase");
    }

    private void assertUnusable(Path library, String why) {
        assertThatThrownBy(() -> Runtime.open(new RuntimeOptions(2, Optional.of(library), folder)))
                .isInstanceOfSatisfying(
                        PlumblineException.class,
                        e -> {
                            assertThat(e.reason()).isEqualTo("ONNX_RUNTIME_UNUSABLE");
                            assertThat(e).hasMessageContaining(library.toString());
                            assertThat(e).hasMessageContaining(why);
                        });
    }

    @Test
    void noticesSlotsThatAreNotWhatWeThink() {
        Path library = NativeLibrary.unpack(OPTIONS.nativeFolder());
        OrtTable table = OrtTable.open(library);
        assertSelfTestFails(
                swap(
                        table,
                        OrtFunction.SESSION_GET_INPUT_COUNT,
                        OrtFunction.SESSION_GET_OUTPUT_COUNT),
                library);
        assertSelfTestFails(swap(table, OrtFunction.BIND_INPUT, OrtFunction.BIND_OUTPUT), library);
    }

    private static void assertSelfTestFails(OrtTable table, Path library) {
        assertThatThrownBy(() -> Runtime.open(table, library, OPTIONS))
                .isInstanceOfSatisfying(
                        PlumblineException.class,
                        e -> assertThat(e).hasMessageContaining("its self-test failed: "));
    }

    private static OrtTable swap(OrtTable table, OrtFunction one, OrtFunction other) {
        MemorySegment pointers = Arena.ofAuto().allocate(table.pointers().byteSize(), 8);
        pointers.copyFrom(table.pointers());
        pointers.setAtIndex(ValueLayout.ADDRESS, one.slot(), table.function(other.slot()));
        pointers.setAtIndex(ValueLayout.ADDRESS, other.slot(), table.function(one.slot()));
        return new OrtTable(pointers, table.version());
    }
}
