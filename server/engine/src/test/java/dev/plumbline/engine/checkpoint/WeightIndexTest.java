package dev.plumbline.engine.checkpoint;

import static dev.plumbline.engine.checkpoint.Fixtures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightIndexTest {
    private static final Map<String, Shape> EXPECTED =
            Map.of(
                    "language_model.model.norm.weight", Shape.of(2),
                    "multi_modal_projector.linear_1.bias", Shape.of(3));

    @TempDir Path folder;
    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("model.safetensors");
    }

    @Test
    void acceptsWhatIsExpected() {
        WeightIndex index =
                index(
                        Map.of(
                                "model.language_model.norm.weight", floats(2),
                                "model.multi_modal_projector.linear_1.bias", floats(3),
                                "vision_tower.vision_model.embeddings.position_ids",
                                        Tensor.of(Shape.of(1), 1L),
                                "language_model.model.layers.0.self_attn.rotary_emb.inv_freq",
                                        floats(4)));
        index.require(EXPECTED, Set.of());
        assertThat(index.parameters()).isEqualTo(9);
        assertThat(index.fp32Bytes()).isEqualTo(36);
        assertThat(index.find("language_model.model.norm.weight").orElseThrow().name())
                .isEqualTo("model.language_model.norm.weight");
        assertThat(index.find("language_model.model.none")).isEmpty();
    }

    @Test
    void namesWhatIsMissing() {
        WeightIndex index = index(Map.of("model.language_model.norm.weight", floats(2)));
        assertThat(refusal(index, "TENSOR_MISSING"))
                .containsEntry("tensor", "multi_modal_projector.linear_1.bias")
                .containsEntry("file", file.toString())
                .containsEntry("expected", "[3]");
    }

    @Test
    void namesWhatHasAnotherShape() {
        WeightIndex index =
                index(
                        Map.of(
                                "model.language_model.norm.weight", floats(5),
                                "multi_modal_projector.linear_1.bias", floats(3)));
        assertThat(refusal(index, "TENSOR_SHAPE_MISMATCH"))
                .containsEntry("tensor", "model.language_model.norm.weight")
                .containsEntry("file", file.toString())
                .containsEntry("expected", "[2]")
                .containsEntry("found", "[5]");
    }

    @Test
    void namesWhatHasNoPlace() {
        WeightIndex index =
                index(
                        Map.of(
                                "model.language_model.norm.weight", floats(2),
                                "multi_modal_projector.linear_1.bias", floats(3),
                                "lm_head.weight", floats(1)));
        assertThat(refusal(index, "TENSOR_UNEXPECTED"))
                .containsEntry("tensor", "lm_head.weight")
                .containsEntry("file", file.toString())
                .containsEntry("found", "[1]");
        index.require(EXPECTED, Set.of("lm_head.weight"));
    }

    @Test
    void namesWhatHasATypeThatIsNoFloat() {
        WeightIndex index =
                index(
                        Map.of(
                                "model.language_model.norm.weight",
                                Tensor.of(Shape.of(2), 1L, 2L),
                                "multi_modal_projector.linear_1.bias",
                                floats(3)));
        assertThat(refusal(index, "TENSOR_TYPE_UNSUPPORTED"))
                .containsEntry("tensor", "model.language_model.norm.weight")
                .containsEntry("found", "I64");
    }

    private static Map<String, String> refusal(WeightIndex index, String reason) {
        PlumblineException e = failure(() -> index.require(EXPECTED, Set.of()));
        assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION);
        assertThat(e.reason()).isEqualTo(reason);
        return e.metadata();
    }

    private WeightIndex index(Map<String, Tensor> tensors) {
        SafetensorsWriter.write(file, tensors, Map.of());
        return WeightIndex.of(List.of(Safetensors.open(file)));
    }

    private static Tensor floats(int count) {
        return Tensor.of(Shape.of(count), new float[count]);
    }
}
