package dev.plumbline.engine.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceExample.Mining;
import dev.plumbline.engine.data.PreferenceExample.Place;
import dev.plumbline.engine.error.PlumblineException;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/**
 * Rows as JSON Lines: {@code image}, {@code prompt} (or {@code question}), {@code chosen}, {@code
 * rejected}, and what mining adds. Image paths are relative to the file.
 */
public final class PreferenceRows {
    private PreferenceRows() {}

    /**
     * Reads all rows.
     *
     * @throws PlumblineException {@code DATA_NOT_FOUND}, {@code ROW_INVALID} with file, line and
     *     field, or {@code IMAGE_NOT_FOUND} with file, line and image
     */
    public static List<PreferenceExample> read(Path file) {
        List<PreferenceExample> rows = new ArrayList<>();
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            int line = 0;
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                line++;
                if (!text.isBlank()) {
                    rows.add(row(new Place(file, line), text));
                }
            }
        } catch (NoSuchFileException e) {
            throw RowFaults.unreadable(file, "does not exist").causedBy(e);
        } catch (MalformedInputException e) {
            throw RowFaults.unreadable(file, "is not UTF-8 text").causedBy(e);
        } catch (IOException e) {
            throw RowFaults.unreadable(file, "cannot be read: " + e.getMessage()).causedBy(e);
        }
        if (rows.isEmpty()) {
            throw RowFaults.unreadable(file, "has no rows");
        }
        return rows;
    }

    /**
     * The rows of a file of which every line is one, each read, and refused, when it is asked for.
     *
     * @throws PlumblineException {@code DATA_NOT_FOUND}
     */
    public static List<PreferenceExample> open(Path file) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            LongStream.Builder ends = LongStream.builder();
            long position = 0;
            for (int b = in.read(); b >= 0; b = in.read()) {
                position++;
                if (b == '\n') {
                    ends.add(position);
                }
            }
            return new LineRows(
                    channel,
                    ends.build().toArray(),
                    (index, line) ->
                            row(
                                    new Place(file, index + 1),
                                    new String(line, StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw RowFaults.unreadable(file, "cannot be read: " + e.getMessage()).causedBy(e);
        }
    }

    private static PreferenceExample row(Place place, String text) {
        JsonNode json;
        try {
            json = StrictJson.parse(text);
        } catch (JsonProcessingException e) {
            throw RowFaults.json(place, "row", e);
        }
        if (!(json instanceof ObjectNode fields)) {
            throw RowFaults.invalid(place, "row", "is not a JSON object");
        }
        return row(place, fields);
    }

    /**
     * A row of our own layout.
     *
     * @throws PlumblineException {@code ROW_INVALID} or {@code IMAGE_NOT_FOUND}
     */
    static PreferenceExample row(Place place, ObjectNode fields) {
        String prompt = fields.has("prompt") ? "prompt" : "question";
        return new PreferenceExample(
                place,
                image(place, "image", fields.path("image")),
                text(place, prompt, fields.path(prompt)),
                text(place, "chosen", fields.path("chosen")),
                text(place, "rejected", fields.path("rejected")),
                mining(place, fields),
                fields);
    }

    private static Mining mining(Place place, ObjectNode fields) {
        JsonNode list = fields.path("negative_images");
        if (!list.isMissingNode() && !list.isNull() && !list.isArray()) {
            throw RowFaults.invalid(place, "negative_images", "is not a list");
        }
        if (list.isEmpty()) {
            return Mining.NONE;
        }
        String sampling = fields.path("sampling").asText("greedy");
        if (!Mining.SAMPLINGS.contains(sampling)) {
            throw RowFaults.invalid(
                    place, "sampling", "is '" + sampling + "', not one of " + Mining.SAMPLINGS);
        }
        List<NegativeImage> negatives = new ArrayList<>();
        for (JsonNode entry : list) {
            String at = "negative_images[" + negatives.size() + "].";
            negatives.add(negative(place, at, entry, sampling));
        }
        double temperature = fields.path("temperature").asDouble(Double.NaN);
        return new Mining(negatives, sampling, fields.path("pool_size").asInt(0), temperature);
    }

    /**
     * @param at what its fields are called in messages begins so
     */
    private static NegativeImage negative(Place place, String at, JsonNode entry, String sampling) {
        JsonNode weight = entry.path("log_weight");
        boolean absent = weight.isMissingNode() || weight.isNull();
        if (absent && !sampling.equals("greedy")) {
            String why = "is missing, and the row was sampled " + sampling;
            throw RowFaults.invalid(place, at + "log_weight", why);
        }
        if (!absent && !(weight.isNumber() && Double.isFinite(weight.asDouble()))) {
            throw RowFaults.invalid(place, at + "log_weight", "is not a finite number");
        }
        if (weight.asDouble(0) != 0 && sampling.equals("greedy")) {
            throw RowFaults.invalid(
                    place,
                    at + "log_weight",
                    "is %s, and the row's sampling is greedy, which has no weights; say how it was sampled"
                            .formatted(weight));
        }
        return new NegativeImage(
                image(place, at + "image", entry.path("image")),
                entry.path("score").asDouble(0),
                entry.path("log_q").asDouble(Double.NaN),
                weight.asDouble(0),
                entry.path("selector").asText(""),
                entry.path("selector_version").asText(""),
                details(entry));
    }

    /** Nothing that training uses: what is not as we write it is as if it were not there. */
    private static NegativeImage.Details details(JsonNode entry) {
        List<NegativeImage.Latent> latents = new ArrayList<>();
        for (JsonNode latent : entry.path("latents")) {
            latents.add(
                    new NegativeImage.Latent(
                            latent.path("index").asInt(), latent.path("activation").asDouble()));
        }
        List<String> flags = new ArrayList<>();
        entry.path("flags").forEach(flag -> flags.add(flag.asText()));
        double risk = entry.path("false_negative_risk").asDouble(Double.NaN);
        return new NegativeImage.Details(entry.path("candidate").asInt(-1), risk, latents, flags);
    }

    private static Path image(Place place, String field, JsonNode value) {
        String name = text(place, field, value);
        Path parent = place.file().toAbsolutePath().getParent();
        Path image;
        try {
            image = parent == null ? Path.of(name) : parent.resolve(name);
        } catch (InvalidPathException e) {
            throw RowFaults.invalid(place, field, "is not a path: " + e.getReason()).causedBy(e);
        }
        if (!Files.isRegularFile(image)) {
            throw RowFaults.noImage(place, field, image);
        }
        return image;
    }

    static String text(Place place, String field, JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            throw RowFaults.invalid(place, field, "is missing");
        }
        if (!value.isTextual()) {
            String type = value.getNodeType().name().toLowerCase(Locale.ROOT);
            throw RowFaults.invalid(place, field, "is not a text but of type " + type);
        }
        if (value.asText().isBlank()) {
            throw RowFaults.invalid(place, field, "is empty");
        }
        return value.asText();
    }
}
