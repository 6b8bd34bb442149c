package dev.plumbline.eval.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A preference row with the negatives that a selector chose for it. */
public record MinedRow(
        Path image, String prompt, String chosen, String rejected, List<Negative> negatives) {
    public MinedRow {
        negatives = List.copyOf(negatives);
    }

    /**
     * A negative.
     *
     * @param score the selector's score, NaN where it gave none
     * @param logQ log-probability of being proposed, NaN where the selector gave none
     * @param risk of being no negative at all, NaN where it is not known
     * @param latents the strongest, as the selector names them
     */
    public record Negative(
            Path image,
            double score,
            double logQ,
            String selector,
            double risk,
            List<String> flags,
            List<String> latents) {
        public Negative {
            flags = List.copyOf(flags);
            latents = List.copyOf(latents);
        }
    }

    /**
     * At most {@code count} rows of a mined file, evenly spaced; its image paths are relative to
     * it.
     */
    public static List<MinedRow> read(Path file, int count) throws IOException {
        List<MinedRow> rows = new ArrayList<>();
        try (MappingIterator<JsonNode> lines =
                new ObjectMapper().readerFor(JsonNode.class).readValues(file.toFile())) {
            while (lines.hasNext()) {
                rows.add(row(file, lines.next()));
            }
        }
        return Pick.evenly(rows, count);
    }

    /** Rows as a mined file has them; image paths are relative to it. */
    static List<MinedRow> of(Path file, JsonNode lines) {
        List<MinedRow> rows = new ArrayList<>();
        lines.forEach(line -> rows.add(row(file, line)));
        return rows;
    }

    private static MinedRow row(Path file, JsonNode line) {
        List<Negative> negatives = new ArrayList<>();
        for (JsonNode negative : line.path("negative_images")) {
            negatives.add(
                    new Negative(
                            file.resolveSibling(negative.path("image").asText()),
                            negative.path("score").asDouble(Double.NaN),
                            negative.path("log_q").asDouble(Double.NaN),
                            negative.path("selector").asText(),
                            negative.path("false_negative_risk").asDouble(Double.NaN),
                            flags(negative),
                            latents(negative)));
        }
        String prompt = line.path(line.has("prompt") ? "prompt" : "question").asText();
        return new MinedRow(
                file.resolveSibling(line.path("image").asText()),
                prompt,
                line.path("chosen").asText(),
                line.path("rejected").asText(),
                negatives);
    }

    private static List<String> flags(JsonNode negative) {
        List<String> flags = new ArrayList<>();
        negative.path("flags").forEach(flag -> flags.add(flag.asText().replace('_', ' ')));
        return flags;
    }

    private static List<String> latents(JsonNode negative) {
        List<String> latents = new ArrayList<>();
        for (JsonNode latent : negative.path("latents")) {
            latents.add(
                    "%d: %s"
                            .formatted(
                                    latent.path("index").asInt(),
                                    Numbers.significant(latent.path("activation").asDouble())));
        }
        return latents;
    }
}
