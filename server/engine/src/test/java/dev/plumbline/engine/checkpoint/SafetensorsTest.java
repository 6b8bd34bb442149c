package dev.plumbline.engine.checkpoint;

import static dev.plumbline.engine.checkpoint.Fixtures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
    private static final String TWO =
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                    + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}";

    @TempDir Path folder;

    @Test
    void readsAGenuineFile() {
        Safetensors file = Safetensors.open(Fixtures.DEMO.resolve("llava/model.safetensors"));
        assertThat(file.names()).hasSize(113).contains("language_model.model.norm.weight");
        assertThat(file.metadata()).containsEntry("format", "pt");
        assertThat(file.dtype("multi_modal_projector.linear_1.weight")).isEqualTo(DType.F32);
        assertThat(file.shape("multi_modal_projector.linear_1.weight"))
                .isEqualTo(Shape.of(160, 128));
        float[] norm = file.tensor("language_model.model.norm.weight").toFloats();
        assertThat(norm).hasSize(160);
        for (float weight : norm) {
            assertThat(weight).isBetween(-10f, 10f).isNotZero();
        }
    }

    @Test
    void namesTheTensorThatIsMissing() throws IOException {
        Safetensors file = Safetensors.open(Fixtures.safetensors(folder.resolve("a"), TWO, 12));
        PlumblineException e = failure(() -> file.tensor("c"));
        assertThat(e.reason()).isEqualTo("TENSOR_MISSING");
        assertThat(e.metadata()).containsEntry("tensor", "c");
    }

    /** In the headers, single quotes stand for double ones. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    [1, 2]                                                                  | 0 | not a JSON object
                    {'a':                                                                   | 0 | not JSON
                    {} trailing                                                             | 0 | not JSON
                    {'a':{'shape':[1],'data_offsets':[0,4]}}                                | 4 | has no dtype
                    {'a':{'dtype':'F32','data_offsets':[0,4]}}                              | 4 | has no shape
                    {'a':{'dtype':'F32','shape':[1]}}                                       | 4 | has no data_offsets
                    {'a':7}                                                                 | 4 | has no dtype
                    {'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4,8]}}                | 8 | are no span
                    {'a':{'dtype':'F32','shape':[1],'data_offsets':[4,0]}}                  | 4 | are no span
                    {'a':{'dtype':'F32','shape':[-1],'data_offsets':[0,4]}}                 | 4 | shape holds -1
                    {'a':{'dtype':'F32','shape':[1.5],'data_offsets':[0,4]}}                | 4 | shape holds 1.5
                    {'a':{'dtype':'F32','shape':[1],'data_offsets':[0,99999999999999999999]}} | 4 | data_offsets holds
                    {'a':{'dtype':'F32','shape':[1],'data_offsets':[-4,0]}}                 | 4 | data_offsets holds -4
                    {'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}                  | 4 | beyond the file
                    {'a':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}}                  | 8 | do not hold F32[3]
                    {'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,4]}} | 4 | too large
                    {'a':{'dtype':'F32','shape':[4611686018427387904],'data_offsets':[0,0]}} | 0 | too large
                    {'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}                  | 8 | hole before
                    {'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}                  | 8 | 4 bytes follow
                    {'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'b':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | 4 | overlaps
                    {'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | 8 | not JSON
                    {'__metadata__':{'a':1}}                                                | 0 | not a text
                    """)
    void refusesAHeaderThatContradictsItself(String header, int dataBytes, String message)
            throws IOException {
        Path file =
                Fixtures.safetensors(folder.resolve("bad"), header.replace('\'', '"'), dataBytes);
        PlumblineException e = failure(() -> Safetensors.open(file));
        assertThat(e.code()).isEqualTo(ErrorCode.DATA_LOSS);
        assertThat(e.reason()).isEqualTo("SAFETENSORS_INVALID");
        assertThat(e).hasMessageContaining(message).hasMessageContaining(file.toString());
    }

    @Test
    void refusesATypeItCannotRead() throws IOException {
        String header = "{\"w\":{\"dtype\":\"F8_E4M3\",\"shape\":[4],\"data_offsets\":[0,4]}}";
        PlumblineException e =
                failure(() ->
                        Safetensors.open(Fixtures.safetensors(folder.resolve("f8"), header, 4)));
        assertThat(e.reason()).isEqualTo("TENSOR_TYPE_UNSUPPORTED");
        assertThat(e.metadata()).containsEntry("tensor", "w").containsEntry("found", "F8_E4M3");
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "9999", "16777217", "-1", "9223372036854775807"})
    void refusesAHeaderLengthThatCannotBe(long length) throws IOException {
        byte[] bytes =
                ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
        Path file = Files.write(folder.resolve("length"), bytes);
        assertThat(failure(() -> Safetensors.open(file)).reason()).isEqualTo("SAFETENSORS_INVALID");
    }

    @Test
    void refusesEveryTruncation() throws IOException {
        byte[] whole = Files.readAllBytes(Fixtures.safetensors(folder.resolve("whole"), TWO, 12));
        for (int length = 0; length < whole.length; length++) {
            Path file = Files.write(folder.resolve("cut"), Arrays.copyOf(whole, length));
            assertThat(failure(() -> Safetensors.open(file)).code()).isEqualTo(ErrorCode.DATA_LOSS);
        }
    }

    /** Whatever bytes change, the file is read or refused by name; nothing else is ever thrown. */
    @Test
    void survivesRandomDamage() throws IOException {
        byte[] whole = Files.readAllBytes(Fixtures.safetensors(folder.resolve("whole"), TWO, 12));
        Random random = new Random(20);
        int refused = 0;
        for (int round = 0; round < 1000; round++) {
            byte[] bytes = whole.clone();
            for (int i = 0; i <= random.nextInt(3); i++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            Path file = Files.write(folder.resolve("damaged" + round), bytes);
            try {
                Safetensors opened = Safetensors.open(file);
                for (String name : opened.names()) {
                    assertThat(opened.tensor(name).byteSize()).isEqualTo(opened.info(name).bytes());
                }
            } catch (PlumblineException e) {
                assertThat(e.metadata()).containsEntry("file", file.toString());
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(500);
    }
}
