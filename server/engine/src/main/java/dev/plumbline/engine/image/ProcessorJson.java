package dev.plumbline.engine.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageProcessorConfig.Normalization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.StreamSupport;

/**
 * The JSON of an image processor and the settings that all of them share, with OpenAI's CLIP as the
 * default. A setting that cannot be read is an {@link IllegalArgumentException} until {@link #read}
 * names the file.
 *
 * @param supported the types of image processor that the reader takes, for messages
 */
record ProcessorJson(Path file, JsonNode config, String supported) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<Double> CLIP_MEAN = List.of(0.48145466, 0.4578275, 0.40821073);
    private static final List<Double> CLIP_DEVIATION = List.of(0.26862954, 0.26130258, 0.27577711);

    /**
     * Reads {@code processor_config.json} (its {@code image_processor}), else {@code
     * preprocessor_config.json}, in transformers' order of preference.
     *
     * @throws PlumblineException NOT_FOUND with the reason IMAGE_PROCESSOR_MISSING, or
     *     FAILED_PRECONDITION with IMAGE_PROCESSOR_UNSUPPORTED or IMAGE_PROCESSOR_INVALID
     */
    static <T> T read(Path folder, String supported, Function<ProcessorJson, T> reader) {
        ProcessorJson json = find(folder, supported);
        try {
            return reader.apply(json);
        } catch (IllegalArgumentException failure) {
            throw invalid(json.file, failure);
        }
    }

    private static ProcessorJson find(Path folder, String supported) {
        Path nested = folder.resolve("processor_config.json");
        if (Files.isRegularFile(nested)) {
            JsonNode config = parse(nested).path("image_processor");
            if (config.isObject()) {
                return new ProcessorJson(nested, config, supported);
            }
        }
        Path file = folder.resolve("preprocessor_config.json");
        if (!Files.isRegularFile(file)) {
            throw new PlumblineException(
                    ErrorCode.NOT_FOUND,
                    "IMAGE_PROCESSOR_MISSING",
                    folder
                            + " has neither preprocessor_config.json nor a processor_config.json with"
                            + " an image_processor; copy one from the model's repository",
                    Map.of("folder", folder.toString()));
        }
        return new ProcessorJson(file, parse(file), supported);
    }

    private static JsonNode parse(Path file) {
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (IOException failure) {
            throw invalid(file, failure);
        }
    }

    /** The type without its suffix for a backend. */
    String type() {
        String type = config.path("image_processor_type").asText("");
        if (type.isEmpty()) {
            // Written before image processors had their name.
            type = config.path("feature_extractor_type").asText("");
            type = type.replace("FeatureExtractor", "ImageProcessor");
        }
        return type.replaceFirst("(Fast|Pil)$", "");
    }

    /** True unless the file says otherwise, as these flags are by default. */
    boolean flag(String name) {
        JsonNode value = get(name, factory().booleanNode(true));
        if (!value.isBoolean()) {
            throw new IllegalArgumentException(name + " is " + value + ", not true or false");
        }
        return value.booleanValue();
    }

    ResampleFilter filter() {
        JsonNode number = config.path("resample");
        if (number.isMissingNode() || number.isNull()) {
            return ResampleFilter.BICUBIC;
        }
        return ResampleFilter.ofNumber(number.asInt(-1))
                .orElseThrow(() -> unsupported("the resample " + number));
    }

    /** The factor on 8-bit values; absent where they are not rescaled. */
    OptionalDouble rescale() {
        return flag("do_rescale")
                ? OptionalDouble.of(
                        number(
                                "rescale_factor",
                                get("rescale_factor", factory().numberNode(1 / 255.0))))
                : OptionalDouble.empty();
    }

    Normalization normalization() {
        return new Normalization(
                channels("image_mean", CLIP_MEAN), channels("image_std", CLIP_DEVIATION));
    }

    private List<Double> channels(String name, List<Double> fallback) {
        JsonNode value = config.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return fallback;
        }
        if (value.isNumber()) {
            double same = number(name, value);
            return List.of(same, same, same);
        }
        return StreamSupport.stream(value.spliterator(), false)
                .map(element -> number(name, element))
                .toList();
    }

    private static double number(String name, JsonNode value) {
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw new IllegalArgumentException(name + " is " + value + ", not a number");
        }
        return value.doubleValue();
    }

    /** A whole number above 0. */
    int size(String name, int absent) {
        JsonNode value = get(name, factory().numberNode(absent));
        if (!value.isInt() || value.intValue() <= 0) {
            throw new IllegalArgumentException(
                    name + " is " + value + ", not a whole number above 0");
        }
        return value.intValue();
    }

    JsonNode get(String name, JsonNode fallback) {
        return config.hasNonNull(name) ? config.path(name) : fallback;
    }

    static JsonNodeFactory factory() {
        return JsonNodeFactory.instance;
    }

    PlumblineException unsupported(String what) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "IMAGE_PROCESSOR_UNSUPPORTED",
                "%s asks for %s, which is not supported; only %s is"
                        .formatted(file, what, supported),
                Map.of("file", file.toString(), "setting", what));
    }

    private static PlumblineException invalid(Path file, Exception failure) {
        String detail = String.valueOf(failure.getMessage());
        return new PlumblineException(
                        ErrorCode.FAILED_PRECONDITION,
                        "IMAGE_PROCESSOR_INVALID",
                        file
                                + " cannot be used: "
                                + detail
                                + "; correct it or fetch the file again",
                        Map.of("file", file.toString(), "detail", detail))
                .causedBy(failure);
    }
}
