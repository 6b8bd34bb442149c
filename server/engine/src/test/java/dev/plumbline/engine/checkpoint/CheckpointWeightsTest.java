package dev.plumbline.engine.checkpoint;

import static dev.plumbline.engine.checkpoint.Fixtures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointWeightsTest {
    @TempDir Path folder;

    @Test
    void usesFp32WhereItLies() {
        Path cache = folder.resolve("cache");
        HuggingFaceFolder demo = HuggingFaceFolder.open(Fixtures.DEMO.resolve("llava"));
        CheckpointWeights weights = CheckpointWeights.open(demo, cache);
        assertThat(weights.tensors()).hasSize(113);
        assertThat(cache).doesNotExist();
    }

    /** The judge is torch, which widened the same checkpoint. */
    @Test
    void convertsShardsInHalfPrecisionOnce() throws IOException {
        HuggingFaceFolder model = HuggingFaceFolder.open(Fixtures.resource("sharded-bf16"));
        CheckpointWeights weights = CheckpointWeights.open(model, folder);
        Safetensors expected = Safetensors.open(Fixtures.resource("sharded-expected.safetensors"));
        assertThat(weights.tensors()).hasSameSizeAs(expected.names());
        for (String name : expected.names()) {
            Tensor tensor = weights.tensor(TensorNames.canonical(name));
            assertThat(tensor.dtype()).isEqualTo(DType.F32);
            assertThat(tensor.shape()).isEqualTo(expected.shape(name));
            assertThat(tensor.toFloats()).containsExactly(expected.tensor(name).toFloats());
        }
        Path converted = converted();
        var time = Files.getLastModifiedTime(converted);
        CheckpointWeights.open(model, folder);
        assertThat(Files.getLastModifiedTime(converted)).isEqualTo(time);
    }

    @Test
    void cleansUpAfterACrashAndMendsADamagedCopy() throws IOException {
        HuggingFaceFolder model = HuggingFaceFolder.open(Fixtures.resource("sharded-bf16"));
        CheckpointWeights.open(model, folder);
        Path converted = converted();
        byte[] whole = Files.readAllBytes(converted);
        Path leftover = converted.resolveSibling("." + converted.getFileName() + ".1234.tmp");
        Files.writeString(leftover, "half a file");
        Files.delete(converted);
        Files.write(converted, Arrays.copyOf(whole, whole.length - 4));
        CheckpointWeights.open(model, folder);
        assertThat(leftover).doesNotExist();
        assertThat(converted).hasBinaryContent(whole);
    }

    @Test
    void refusesADiskThatIsTooSmall() throws IOException {
        WeightIndex index = HuggingFaceFolder.open(Fixtures.resource("sharded-bf16")).weightIndex();
        PlumblineException e = failure(() -> new Fp32Cache(folder, file -> 1000).get(index, "abc"));
        assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
        assertThat(e.reason()).isEqualTo("DISK_FULL");
        assertThat(e.metadata())
                .containsEntry("file", folder.resolve("weights/abc-fp32.safetensors").toString())
                .containsEntry("needed_bytes", Long.toString(index.fp32Bytes()))
                .containsEntry("free_bytes", "1000");
        try (Stream<Path> files = Files.list(folder.resolve("weights"))) {
            assertThat(files).extracting(p -> p.getFileName().toString()).containsOnly("abc.lock");
        }
    }

    @Test
    void convertsOnceForManyThreads() throws Exception {
        HuggingFaceFolder model = HuggingFaceFolder.open(Fixtures.resource("sharded-bf16"));
        Map<Integer, CheckpointWeights> opened = new ConcurrentHashMap<>();
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
            int number = i;
            threads[i] =
                    Thread.ofPlatform()
                            .start(() -> opened.put(number, CheckpointWeights.open(model, folder)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(opened).hasSize(threads.length);
    }

    @Test
    void keepsIntegersAndConvertsTheRest() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("ids", Tensor.of(Shape.of(2), 7L, 9L));
        Tensor half = Tensor.zeros(DType.F16, Shape.of(2));
        half.copyFrom(new float[] {0.5f, -2});
        tensors.put("half", half);
        tensors.put("single", Tensor.of(Shape.of(1), 3f));
        Path model = Files.createDirectories(folder.resolve("model"));
        Files.writeString(model.resolve("config.json"), "{}");
        SafetensorsWriter.write(model.resolve("model.safetensors"), tensors, Map.of());
        CheckpointWeights read = CheckpointWeights.open(HuggingFaceFolder.open(model), folder);
        assertThat(read.tensor("ids").toLongs()).containsExactly(7, 9);
        assertThat(read.tensor("half").toFloats()).containsExactly(0.5f, -2);
        assertThat(read.tensor("single").toFloats()).containsExactly(3);
    }

    @Test
    void handsOverExactlyWhatIsNeeded() {
        HuggingFaceFolder model = HuggingFaceFolder.open(Fixtures.resource("sharded-bf16"));
        CheckpointWeights weights = CheckpointWeights.open(model, folder);
        Map<String, Shape> expected = new LinkedHashMap<>();
        weights.index().entries().forEach((name, entry) -> expected.put(name, entry.shape()));
        expected.remove("lm_head.weight");
        assertThat(weights.require(expected, Set.of("lm_head.weight")).keySet())
                .isEqualTo(expected.keySet());
        assertThat(failure(() -> weights.require(expected, Set.of())).reason())
                .isEqualTo("TENSOR_UNEXPECTED");
    }

    /** Seven billion parameters in a sparse file: the answer may not depend on reading them. */
    @Test
    void tellsTheNeedOfAHugeFolderAtOnce() throws IOException {
        long rows = 7_000_000L;
        Path model = Files.createDirectories(folder.resolve("huge"));
        Files.writeString(model.resolve("config.json"), "{}");
        String header =
                "{\"w\":{\"dtype\":\"F16\",\"shape\":[%d,1000],\"data_offsets\":[0,%d]}}"
                        .formatted(rows, rows * 2000);
        try (RandomAccessFile file =
                new RandomAccessFile(model.resolve("model.safetensors").toFile(), "rw")) {
            file.writeLong(Long.reverseBytes(header.length()));
            file.write(header.getBytes(StandardCharsets.UTF_8));
            file.setLength(8 + header.length() + rows * 2000);
        }
        long start = System.nanoTime();
        HuggingFaceFolder opened = HuggingFaceFolder.open(model);
        MemoryNeed need = MemoryNeed.of(opened.weightIndex(), 0);
        assertThat(need.totalBytes()).isEqualTo(28_000_000_000L);
        PlumblineException e = failure(() -> need.requireAvailable(opened.path(), 24_000_000_000L));
        assertThat(e.reason()).isEqualTo("MEMORY_INSUFFICIENT");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    private Path converted() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("weights"))) {
            var converted = files.filter(f -> f.toString().endsWith(".safetensors")).toList();
            assertThat(converted).hasSize(1);
            return converted.getFirst();
        }
    }
}
