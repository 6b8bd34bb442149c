package dev.plumbline.engine.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Writes rows as {@link PreferenceRows} reads them, with what mining adds. */
public final class PreferenceRowsWriter {
    private static final ObjectMapper JSON = new ObjectMapper();

    private PreferenceRowsWriter() {}

    /** Writes rows with their negatives, as a whole or not at all; paths become absolute. */
    public static void write(Path file, List<PreferenceExample> rows) {
        WholeFile.writeInNewFolder(file, temporary -> writeNew(temporary, rows));
    }

    private static void writeNew(Path file, List<PreferenceExample> rows) throws IOException {
        try (BufferedWriter writer = Files.newBufferedWriter(file, StandardOpenOption.CREATE_NEW)) {
            for (PreferenceExample row : rows) {
                writer.write(line(row));
                writer.write('\n');
            }
        }
    }

    /** One row as a line of JSON, without its end; paths are absolute. */
    public static String line(PreferenceExample row) {
        try {
            return JSON.writeValueAsString(json(row));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One row as JSON; paths are absolute. */
    public static ObjectNode json(PreferenceExample row) {
        ObjectNode json = row.fields().deepCopy();
        json.put("image", row.image().toAbsolutePath().normalize().toString());
        if (row.negatives().isEmpty()) {
            return json;
        }
        ArrayNode negatives = json.putArray("negative_images");
        for (NegativeImage negative : row.negatives()) {
            ObjectNode entry =
                    row.fields().path("negative_images").get(negatives.size())
                                    instanceof ObjectNode known
                            ? known.deepCopy()
                            : JSON.createObjectNode();
            negatives.add(entry);
            entry.put("image", negative.image().toAbsolutePath().normalize().toString());
            entry.put("score", negative.score());
            if (Double.isFinite(negative.logQ())) {
                entry.put("log_q", negative.logQ());
            }
            entry.put("log_weight", negative.logWeight());
            entry.put("selector", negative.selector());
            entry.put("selector_version", negative.selectorVersion());
            put(entry, negative.details());
        }
        json.put("sampling", row.mining().sampling());
        json.put("pool_size", row.mining().poolSize());
        if (Double.isFinite(row.mining().temperature())) {
            json.put("temperature", row.mining().temperature());
        }
        return json;
    }

    private static void put(ObjectNode entry, NegativeImage.Details details) {
        if (details.candidate() >= 0) {
            entry.put("candidate", details.candidate());
        }
        if (Double.isFinite(details.falseNegativeRisk())) {
            entry.put("false_negative_risk", details.falseNegativeRisk());
        }
        if (!details.latents().isEmpty()) {
            ArrayNode latents = entry.putArray("latents");
            details.latents()
                    .forEach(latent ->
                            latents.addObject()
                                    .put("index", latent.index())
                                    .put("activation", latent.activation()));
        }
        ArrayNode flags = entry.putArray("flags");
        details.flags().forEach(flags::add);
    }
}
