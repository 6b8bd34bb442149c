package dev.plumbline.engine.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.checkpoint.Safetensors;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against what quantize.py, written apart from the engine, made of the same rows. */
class BlockQuantizerTest {
    private static final Safetensors FIXTURE =
            Safetensors.open(Path.of("src/test/resources/tensor/quantized.safetensors"));

    @ParameterizedTest
    @CsvSource({
        "normal, 4",
        "normal, 8",
        "padded, 4",
        "padded, 8",
        "short, 4",
        "short, 8",
        "outliers, 4",
        "outliers, 8",
        "edges, 4",
        "edges, 8"
    })
    void givesTheBytesAndScalesOfTheScript(String name, int bits) {
        Tensor rows = FIXTURE.tensor(name);
        int columns = (int) rows.shape().get(1);
        BlockQuantizer quantizer = new BlockQuantizer(bits);
        byte[] quantized = new byte[(int) quantizer.bytesPerRow(columns)];
        float[] scales = new float[(int) quantizer.scalesPerRow(columns)];
        Tensor numbers = FIXTURE.tensor(name + ".int" + bits);
        float[] wantedScales = FIXTURE.tensor(name + ".int" + bits + ".scales").toFloats();
        for (int row = 0; row < rows.shape().get(0); row++) {
            float[] weights =
                    Arrays.copyOfRange(rows.toFloats(), row * columns, (row + 1) * columns);
            quantizer.quantize(weights, quantized, scales);
            byte[] wanted = new byte[quantized.length];
            numbers.bytes((long) row * wanted.length, wanted.length).get(wanted);
            assertThat(quantized).as("row %d", row).isEqualTo(wanted);
            for (int block = 0; block < scales.length; block++) {
                // Equal as numbers: a block of zeros has a scale of either sign.
                assertThat(scales[block] == wantedScales[row * scales.length + block])
                        .as("scale %d of row %d", block, row)
                        .isTrue();
            }
        }
    }

    @Test
    void padsRowsToWholeBlocks() {
        assertThat(new BlockQuantizer(4).bytesPerRow(64)).isEqualTo(32);
        assertThat(new BlockQuantizer(4).bytesPerRow(40)).isEqualTo(32);
        assertThat(new BlockQuantizer(8).bytesPerRow(40)).isEqualTo(64);
        assertThat(new BlockQuantizer(8).scalesPerRow(40)).isEqualTo(2);
        assertThat(new BlockQuantizer(4).zeroPoints(Shape.of(2, 2)).toLongs()).containsOnly(8);
        assertThat(new BlockQuantizer(8).zeroPoints(Shape.of(2, 2)).toLongs()).containsOnly(128);
        byte[] quantized = new byte[64];
        new BlockQuantizer(8).quantize(new float[40], quantized, new float[2]);
        assertThat(quantized).containsOnly(128);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 16})
    void refusesOtherWidths(int bits) {
        assertThatThrownBy(() -> new BlockQuantizer(bits)).hasMessageContaining("not " + bits);
    }

    @Test
    void refusesArraysOfAnotherSize() {
        BlockQuantizer quantizer = new BlockQuantizer(4);
        assertThatThrownBy(() -> quantizer.quantize(new float[32], new byte[32], new float[1]))
                .hasMessageContaining("16 bytes, not 32");
        assertThatThrownBy(() -> quantizer.quantize(new float[32], new byte[16], new float[2]))
                .hasMessageContaining("1 scales, not 2");
    }
}
