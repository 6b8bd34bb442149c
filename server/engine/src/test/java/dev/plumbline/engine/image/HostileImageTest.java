package dev.plumbline.engine.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostileImageTest {
    private static final int PNG_HEADER = 16;

    @ParameterizedTest
    @CsvSource({
        "'', IMAGE_UNREADABLE",
        "'hello, I am no image', IMAGE_UNREADABLE",
        "GIF89a, IMAGE_FORMAT_UNSUPPORTED",
        "RIFF....WEBP, IMAGE_FORMAT_UNSUPPORTED",
        "....ftypheic, IMAGE_FORMAT_UNSUPPORTED",
        "<svg xmlns, IMAGE_FORMAT_UNSUPPORTED"
    })
    void refusesWhatIsNoJpegOrPng(String text, String reason) {
        assertRefused(text.getBytes(ISO_8859_1), reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "420.jpg",
                "progressive.jpg",
                "restarts.jpg",
                "gray.jpg",
                "cmyk.jpg",
                "rgb.png",
                "interlaced.png",
                "palette.png"
            })
    void refusesEveryTruncation(String file) {
        byte[] whole = ImageFixtures.bytes(file);
        for (int length = 8; length < whole.length; length++) {
            assertRefused(Arrays.copyOf(whole, length), "IMAGE_TRUNCATED");
        }
        for (int length = 1; length < 8; length++) {
            byte[] start = Arrays.copyOf(whole, length);
            assertThatExceptionOfType(PlumblineException.class)
                    .isThrownBy(() -> ImageDecoder.decode(start, "start"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"420.jpg", "progressive.jpg", "exif_6.jpg", "rgb.png", "palette.png"})
    void damagedBytesNeverEscapeAsAnotherException(String file) {
        Random random = new Random(7);
        byte[] whole = ImageFixtures.bytes(file);
        int refused = 0;
        for (int round = 0; round < 400; round++) {
            byte[] damaged = whole.clone();
            for (int i = 0; i < 1 + round % 4; i++) {
                damaged[3 + random.nextInt(damaged.length - 3)] = (byte) random.nextInt(256);
            }
            try {
                Picture picture = ImageDecoder.decode(damaged, "damaged", 1_000_000);
                assertThat(picture.rgb()).hasSize(3 * picture.width() * picture.height());
            } catch (PlumblineException failure) {
                assertThat(failure.reason()).startsWith("IMAGE_");
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    @Test
    void refusesABombFromItsHeader() {
        byte[] png = withSize(ImageFixtures.bytes("rgb.png"), 60_000, 60_000);
        assertThatThrownBy(() -> ImageDecoder.decode(png, "parts[0].image"))
                .hasMessageContaining("parts[0].image")
                .hasMessageContaining("60000 x 60000")
                .hasMessageContaining("100000000");
        assertRefused(png, "IMAGE_TOO_LARGE");
        byte[] jpeg = ImageFixtures.bytes("420.jpg");
        int frame = indexOf(jpeg, 0xc0) + 5;
        ByteBuffer.wrap(jpeg).putShort(frame, (short) 60_000).putShort(frame + 2, (short) 60_000);
        assertRefused(jpeg, "IMAGE_TOO_LARGE");
    }

    @Test
    void refusesZeroAndNegativeSizes() {
        byte[] png = ImageFixtures.bytes("rgb.png");
        assertRefused(withSize(png, 0, 31), "IMAGE_UNREADABLE");
        assertRefused(withSize(png, 45, 0), "IMAGE_UNREADABLE");
        assertRefused(withSize(png, -45, 31), "IMAGE_UNREADABLE");
    }

    @Test
    void refusesPixelDataShorterThanTheHeaderSays() {
        byte[] png = withSize(ImageFixtures.bytes("rgb.png"), 45, 3_100);
        assertRefused(png, "IMAGE_TRUNCATED");
    }

    @Test
    void refusesDamageThatTheChecksumShows() {
        byte[] png = ImageFixtures.bytes("rgb.png");
        png[png.length / 2] ^= 1;
        assertRefused(png, "IMAGE_UNREADABLE");
    }

    private static void assertRefused(byte[] encoded, String reason) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> ImageDecoder.decode(encoded, "row 7"))
                .satisfies(failure -> {
                    assertThat(failure.reason()).isEqualTo(reason);
                    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
                    assertThat(failure).hasMessageContaining("row 7");
                });
    }

    private static byte[] withSize(byte[] png, int width, int height) {
        byte[] changed = png.clone();
        ByteBuffer buffer = ByteBuffer.wrap(changed);
        buffer.putInt(PNG_HEADER, width).putInt(PNG_HEADER + 4, height);
        CRC32 sum = new CRC32();
        sum.update(changed, PNG_HEADER - 4, 17);
        buffer.putInt(PNG_HEADER + 13, (int) sum.getValue());
        return changed;
    }

    /** Where a JPEG's marker begins. */
    private static int indexOf(byte[] jpeg, int marker) {
        for (int i = 0; i < jpeg.length; i++) {
            if ((jpeg[i] & 0xff) == 0xff && (jpeg[i + 1] & 0xff) == marker) {
                return i;
            }
        }
        throw new IllegalArgumentException("no such marker");
    }
}
