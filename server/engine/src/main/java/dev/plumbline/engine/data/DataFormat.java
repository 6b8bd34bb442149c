package dev.plumbline.engine.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.error.PlumblineException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** How preference rows are laid out, as JSON or in the columns of Parquet alike. */
public enum DataFormat {
    /** Ours, mined negatives included. */
    PLUMBLINE("plumbline", "image, prompt, chosen, rejected", new FlatRows(false)),
    /** The question and both answers as one JSON text. */
    RLHF_V("rlhf-v", "image, text {question, chosen, rejected}", new RlhfVRows()),
    RLAIF_V("rlaif-v", "image, question, chosen, rejected, origin_dataset", new FlatRows(true)),
    /** Of InternVL's preference data; its questions may hold an image token. */
    MMPR("mmpr", "image or images, question, chosen, rejected", new FlatRows(true)),
    /** Texts or lists of messages. */
    TRL("trl", "images, prompt, chosen, rejected", new TrlRows()),
    /** Its ranked ShareGPT rows. */
    LLAMA_FACTORY(
            "llama-factory", "images, conversations, chosen, rejected", new LlamaFactoryRows()),
    MS_SWIFT("ms-swift", "images, messages, rejected_response, rejected_images", new MsSwiftRows());

    private final String label;
    private final String fields;
    private final RowLayout layout;

    DataFormat(String label, String fields, RowLayout layout) {
        this.label = label;
        this.fields = fields;
        this.layout = layout;
    }

    /** What users call it. */
    public String label() {
        return label;
    }

    RowLayout layout() {
        return layout;
    }

    /**
     * The format of that name; nothing where it is empty, to tell it from the content.
     *
     * @throws PlumblineException {@code DATA_FORMAT_UNKNOWN}
     */
    public static Optional<DataFormat> named(String name) {
        if (name.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                Arrays.stream(values())
                        .filter(format -> format.label.equals(name))
                        .findFirst()
                        .orElseThrow(() ->
                                PlumblineException.invalid(
                                        "data_format",
                                        "DATA_FORMAT_UNKNOWN",
                                        "there is no data format \"%s\"; there are %s"
                                                .formatted(name, described()),
                                        Map.of("data_format", name))));
    }

    /** All of them, with the fields by which they are known. */
    static String described() {
        return Arrays.stream(values())
                .map(format -> format.label + " (" + format.fields + ")")
                .collect(Collectors.joining("; "));
    }

    /** The format that a row is in; nothing where its fields belong to none. */
    static Optional<DataFormat> of(ObjectNode row) {
        if (row.has("conversations")) {
            return Optional.of(LLAMA_FACTORY);
        }
        if (row.has("messages") || (row.has("query") && row.has("response"))) {
            return Optional.of(MS_SWIFT);
        }
        if (row.has("text") && row.has("image") && !row.has("chosen")) {
            return Optional.of(RLHF_V);
        }
        if (row.path("chosen").isArray()
                || row.path("prompt").isArray()
                || (row.has("images") && row.has("prompt"))) {
            return Optional.of(TRL);
        }
        return flat(row);
    }

    /** What is one text a field differs in little but its names. */
    private static Optional<DataFormat> flat(ObjectNode row) {
        if (row.has("question") && !row.has("negative_images")) {
            boolean origin = hasAny(row, "ds_name", "origin_dataset", "origin_split", "image_path");
            return Optional.of(origin ? RLAIF_V : MMPR);
        }
        long known =
                List.of("image", "prompt", "question", "chosen", "rejected").stream()
                        .filter(row::has)
                        .count();
        return known >= 2 ? Optional.of(PLUMBLINE) : Optional.empty();
    }

    private static boolean hasAny(JsonNode row, String... names) {
        return Arrays.stream(names).anyMatch(row::has);
    }
}
