package dev.plumbline.engine.data;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.jerolba.carpet.CarpetWriter;
import com.jerolba.carpet.ColumnNamingStrategy;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows as Parquet, with the columns of JSON Lines. What we do not know of a row is one
 * column, {@code other}, as JSON.
 */
public final class PreferenceRowsParquet {
    private static final List<String> KNOWN =
            List.of(
                    "image",
                    "prompt",
                    "question",
                    "chosen",
                    "rejected",
                    "negative_images",
                    "sampling",
                    "pool_size",
                    "temperature");

    private PreferenceRowsParquet() {}

    /** A row's columns. */
    public record Row(
            String image,
            String prompt,
            String chosen,
            String rejected,
            List<Negative> negativeImages,
            @Nullable String sampling,
            @Nullable Integer poolSize,
            @Nullable Double temperature,
            String other) {}

    /** A negative's columns. */
    public record Negative(
            String image,
            double score,
            @Nullable Double logQ,
            double logWeight,
            String selector,
            String selectorVersion,
            @Nullable Integer candidate,
            @Nullable Double falseNegativeRisk,
            List<NegativeImage.Latent> latents,
            List<String> flags) {}

    /** Writes all rows, as a whole or not at all; paths become absolute. */
    public static void write(Path file, List<PreferenceExample> rows) {
        WholeFile.write(file, temporary -> writeNew(temporary, rows));
    }

    private static void writeNew(Path file, List<PreferenceExample> rows) throws IOException {
        try (OutputStream out = Files.newOutputStream(file);
                CarpetWriter<Row> writer =
                        new CarpetWriter.Builder<>(out, Row.class)
                                .withColumnNamingStrategy(ColumnNamingStrategy.SNAKE_CASE)
                                .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
                                .build()) {
            for (PreferenceExample row : rows) {
                writer.write(row(row));
            }
        }
    }

    private static Row row(PreferenceExample row) {
        boolean mined = !row.negatives().isEmpty();
        ObjectNode other = row.fields().deepCopy();
        other.remove(KNOWN);
        return new Row(
                path(row.image()),
                row.prompt(),
                row.chosen(),
                row.rejected(),
                row.negatives().stream().map(PreferenceRowsParquet::negative).toList(),
                mined ? row.mining().sampling() : null,
                mined ? row.mining().poolSize() : null,
                mined ? known(row.mining().temperature()) : null,
                other.toString());
    }

    private static Negative negative(NegativeImage negative) {
        NegativeImage.Details details = negative.details();
        return new Negative(
                path(negative.image()),
                negative.score(),
                known(negative.logQ()),
                negative.logWeight(),
                negative.selector(),
                negative.selectorVersion(),
                details.candidate() < 0 ? null : details.candidate(),
                known(details.falseNegativeRisk()),
                details.latents(),
                details.flags());
    }

    private static @Nullable Double known(double value) {
        return Double.isFinite(value) ? value : null;
    }

    private static String path(Path image) {
        return image.toAbsolutePath().normalize().toString();
    }
}
