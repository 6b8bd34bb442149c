package dev.plumbline.engine.data;

import static dev.plumbline.engine.data.DataFormatsTest.DATA;
import static org.assertj.core.api.Assertions.assertThat;

import com.jerolba.carpet.CarpetWriter;
import com.jerolba.carpet.ColumnNamingStrategy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.apache.parquet.io.api.Binary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data sets several times as large as the memory of the process that reads them. */
class LargeDataTest {
    private static final int BYTES = 160 << 20;
    private static final String HEAP = "-Xmx40m";

    @TempDir Path folder;

    /** Columns of RLAIF-V. */
    record Row(Picture image, String question, String chosen, String rejected, String dsName) {}

    /** As the datasets library writes it. */
    record Picture(Binary bytes, String path) {}

    @Test
    void anArray() throws IOException, InterruptedException {
        Files.copy(DATA.resolve("images/red.png"), folder.resolve("red.png"));
        Path file = folder.resolve("rows.json");
        String filling = "word ".repeat(200);
        int rows = 0;
        try (var out = new PrintStream(Files.newOutputStream(file), false, "UTF-8")) {
            out.print("[");
            for (long bytes = 0; bytes < BYTES; bytes += filling.length()) {
                out.printf(
                        "%s{\"image\": \"red.png\", \"prompt\": \"Question %d\", \"chosen\": \"%s\", \"rejected\": \"No.\"}",
                        rows == 0 ? "" : ",\n", rows, filling);
                rows++;
            }
            out.print("]");
        }
        assertThat(read(file)).isEqualTo(rows + " rows of plumbline");
    }

    @Test
    void parquetWithPictures() throws IOException, InterruptedException {
        Path file = folder.resolve("rows.parquet");
        Random random = new Random(1);
        int rows = 0;
        try (OutputStream out = Files.newOutputStream(file);
                CarpetWriter<Row> writer =
                        new CarpetWriter.Builder<>(out, Row.class)
                                .withColumnNamingStrategy(ColumnNamingStrategy.SNAKE_CASE)
                                .withRowGroupSize(4 << 20)
                                .build()) {
            for (long bytes = 0; bytes < BYTES; bytes += 60_000) {
                var image =
                        new Picture(Binary.fromConstantByteArray(picture(random)), rows + ".jpg");
                writer.write(new Row(image, "Question " + rows, "Yes.", "No.", "made"));
                rows++;
            }
        }
        assertThat(read(file)).isEqualTo(rows + " rows of rlaif-v");
    }

    /** A JPEG that is like no other: it has a comment of random bytes. */
    private static byte[] picture(Random random) throws IOException {
        byte[] plain = Files.readAllBytes(DATA.resolve("images/green.jpg"));
        byte[] comment = new byte[60_000];
        random.nextBytes(comment);
        var out = new ByteArrayOutputStream();
        out.write(plain, 0, 2);
        out.write(new byte[] {(byte) 0xff, (byte) 0xfe});
        out.write(ByteBuffer.allocate(2).putShort((short) (comment.length + 2)).array());
        out.write(comment);
        out.write(plain, 2, plain.length - 2);
        return out.toByteArray();
    }

    private String read(Path file) throws IOException, InterruptedException {
        assertThat(Files.size(file)).isGreaterThan(BYTES);
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                HEAP,
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                RowsReader.class.getName(),
                                file.toString(),
                                folder.resolve("cache").toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        String said =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }
}
