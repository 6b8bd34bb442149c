package dev.plumbline.engine.checkpoint;

import static dev.plumbline.engine.checkpoint.Fixtures.failure;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.plumbline.engine.checkpoint.CheckpointWeights.Source;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.BlockQuantizer;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Precision;
import dev.plumbline.engine.tensor.QuantizedMatrix;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CheckpointWeightsTest {
    private static final Precision FP32 = Precision.FP32;

    @TempDir Path folder;

    @Test
    void usesFp32WhereItLies() {
        HuggingFaceFolder demo = HuggingFaceFolder.open(Fixtures.DEMO.resolve("llava"));
        try (CheckpointWeights weights = open(demo, Storage.FP32, FP32)) {
            assertThat(weights.tensors()).hasSize(113);
            assertThat(cache()).doesNotExist();
        }
    }

    /** The judge is torch, which widened the same checkpoint. */
    @Test
    void convertsShardsInHalfPrecision() {
        HuggingFaceFolder model = HuggingFaceFolder.open(Fixtures.resource("sharded-bf16"));
        Safetensors expected = Safetensors.open(Fixtures.resource("sharded-expected.safetensors"));
        try (CheckpointWeights weights = open(model, Storage.FP32, FP32)) {
            assertThat(weights.tensors()).hasSameSizeAs(expected.names());
            for (String name : expected.names()) {
                Tensor tensor = tensor(weights, TensorNames.canonical(name));
                assertThat(tensor.dtype()).isEqualTo(DType.F32);
                assertThat(tensor.shape()).isEqualTo(expected.shape(name));
                assertThat(tensor.toFloats()).containsExactly(expected.tensor(name).toFloats());
            }
        }
    }

    @Test
    void leavesHalfPrecisionWhereItLies() {
        HuggingFaceFolder model = HuggingFaceFolder.open(Fixtures.resource("sharded-bf16"));
        try (CheckpointWeights weights = open(model, Storage.AS_STORED, FP32)) {
            assertThat(weights.tensors().values())
                    .allSatisfy(tensor -> assertThat(tensor.dtype()).isEqualTo(DType.BF16));
            assertThat(cache()).doesNotExist();
        }
    }

    /** Rows that are no multiple of a block, and more of them than one piece takes. */
    @ParameterizedTest
    @EnumSource(names = {"INT8", "INT4"})
    void quantizesRowByRow(Storage storage) throws IOException {
        Random random = new Random(3);
        Tensor stored = Tensor.zeros(DType.BF16, Shape.of(1100, 1000));
        for (long i = 0; i < stored.shape().elements(); i++) {
            stored.setFloat(i, (float) random.nextGaussian());
        }
        HuggingFaceFolder model = model(Map.of("w", stored));
        BlockQuantizer quantizer = new BlockQuantizer(storage.bits());
        byte[] numbers = new byte[(int) quantizer.bytesPerRow(1000)];
        float[] scales = new float[(int) quantizer.scalesPerRow(1000)];
        try (CheckpointWeights weights = open(model, storage, precision(storage))) {
            assertThat(weights.tensors()).isEmpty();
            QuantizedMatrix matrix = matrix(weights, "w");
            assertThat(matrix.columns()).isEqualTo(1000);
            for (int row = 0; row < 1100; row++) {
                quantizer.quantize(stored.slice(row, row + 1).toFloats(), numbers, scales);
                Tensor bytes = matrix.numbers().slice(row, row + 1);
                assertThat(bytes.segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(numbers);
                assertThat(matrix.scales().slice(row, row + 1).toFloats()).isEqualTo(scales);
            }
        }
    }

    /** A tied head: the rows are looked up as they are stored, and multiplied with in few bits. */
    @Test
    void keepsOneTensorInTwoWays() {
        HuggingFaceFolder model = HuggingFaceFolder.open(Fixtures.resource("sharded-bf16"));
        String head = "lm_head.weight";
        Map<String, Set<Storage>> wanted = Map.of(head, Set.of(Storage.AS_STORED, Storage.INT8));
        try (CheckpointWeights weights = open(model, wanted, Precision.INT4)) {
            assertThat(tensor(weights, head).dtype()).isEqualTo(DType.BF16);
            assertThat(matrix(weights, head).bits()).isEqualTo(8);
        }
    }

    @Test
    void keepsIntegersAndConvertsTheRest() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("ids", Tensor.of(Shape.of(2), 7L, 9L));
        for (DType type : List.of(DType.F16, DType.F64)) {
            Tensor tensor = Tensor.zeros(type, Shape.of(2));
            tensor.copyFrom(new float[] {0.5f, -2});
            tensors.put(type.name(), tensor);
        }
        tensors.put("F32", Tensor.of(Shape.of(1), 3f));
        try (CheckpointWeights read = open(model(tensors), Storage.FP32, FP32)) {
            assertThat(tensor(read, "ids").toLongs()).containsExactly(7, 9);
            assertThat(tensor(read, "F16").toFloats()).containsExactly(0.5f, -2);
            assertThat(tensor(read, "F64").toFloats()).containsExactly(0.5f, -2);
            assertThat(tensor(read, "F32").toFloats()).containsExactly(3);
        }
    }

    @Test
    void refusesToQuantizeWhatIsNoNumber() throws IOException {
        Tensor stored = Tensor.zeros(DType.F16, Shape.of(2, 40));
        stored.setFloat(77, Float.NaN);
        HuggingFaceFolder model = model(Map.of("w", stored));
        PlumblineException e = failure(() -> open(model, Storage.INT4, Precision.INT4).close());
        assertThat(e.reason()).isEqualTo("WEIGHT_NOT_FINITE");
        assertThat(e.metadata()).containsEntry("tensor", "w").containsKey("file");
        try (var files = Files.list(cache().resolve("weights"))) {
            assertThat(files).noneMatch(file -> file.toString().contains("safetensors"));
        }
    }

    @Test
    void nothingIsReadAfterItIsClosed() {
        HuggingFaceFolder model = HuggingFaceFolder.open(Fixtures.resource("sharded-bf16"));
        CheckpointWeights weights = open(model, Storage.FP32, FP32);
        Tensor tensor = tensor(weights, "lm_head.weight");
        weights.close();
        assertThatIllegalStateException().isThrownBy(tensor::toFloats);
    }

    private CheckpointWeights open(HuggingFaceFolder model, Storage storage, Precision precision) {
        Map<String, Set<Storage>> wanted = new LinkedHashMap<>();
        model.weightIndex().entries().keySet().forEach(name -> wanted.put(name, Set.of(storage)));
        return open(model, wanted, precision);
    }

    private CheckpointWeights open(
            HuggingFaceFolder model, Map<String, Set<Storage>> wanted, Precision precision) {
        Source source = new Source(cache(), LoadProgress.NONE);
        return CheckpointWeights.open(model, model.weightIndex(), wanted, precision, source);
    }

    private HuggingFaceFolder model(Map<String, Tensor> tensors) throws IOException {
        Path model = Files.createDirectories(folder.resolve("model"));
        Files.writeString(model.resolve("config.json"), "{}");
        SafetensorsWriter.write(model.resolve("model.safetensors"), tensors, Map.of());
        return HuggingFaceFolder.open(model);
    }

    private Path cache() {
        return folder.resolve("cache");
    }

    private static Precision precision(Storage storage) {
        return storage == Storage.INT8 ? Precision.INT8 : Precision.INT4;
    }

    private static Tensor tensor(CheckpointWeights weights, String name) {
        return requireNonNull(weights.tensors().get(name));
    }

    private static QuantizedMatrix matrix(CheckpointWeights weights, String name) {
        return requireNonNull(weights.quantized().get(name));
    }
}
