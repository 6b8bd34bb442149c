package dev.plumbline.engine.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageProcessorConfig.Exact;
import dev.plumbline.engine.image.ImageProcessorConfig.Normalization;
import dev.plumbline.engine.image.ImageProcessorConfig.Resize;
import dev.plumbline.engine.image.ImageProcessorConfig.ShortestEdge;
import dev.plumbline.engine.image.ImageProcessorConfig.Size;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.StreamSupport;

/** The JSON of image processors as transformers has written it over the years. */
final class ImageProcessorConfigReader {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<Double> CLIP_MEAN = List.of(0.48145466, 0.4578275, 0.40821073);
    private static final List<Double> CLIP_DEVIATION = List.of(0.26862954, 0.26130258, 0.27577711);
    private static final int CLIP_SIZE = 224;

    private final Path file;
    private final JsonNode config;

    private ImageProcessorConfigReader(Path file, JsonNode config) {
        this.file = file;
        this.config = config;
    }

    static ImageProcessorConfig read(Path folder) {
        Path nested = folder.resolve("processor_config.json");
        if (Files.isRegularFile(nested)) {
            JsonNode config = parse(nested).path("image_processor");
            if (config.isObject()) {
                return new ImageProcessorConfigReader(nested, config).read();
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
        return new ImageProcessorConfigReader(file, parse(file)).read();
    }

    private static JsonNode parse(Path file) {
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (IOException failure) {
            throw invalid(file, String.valueOf(failure.getMessage())).causedBy(failure);
        }
    }

    private ImageProcessorConfig read() {
        requireClip();
        try {
            return new ImageProcessorConfig(
                    flag("do_resize") ? Optional.of(resize()) : Optional.empty(),
                    flag("do_center_crop") ? Optional.of(crop()) : Optional.empty(),
                    flag("do_rescale") ? OptionalDouble.of(rescale()) : OptionalDouble.empty(),
                    flag("do_normalize") ? Optional.of(normalization()) : Optional.empty());
        } catch (IllegalArgumentException failure) {
            throw invalid(file, String.valueOf(failure.getMessage())).causedBy(failure);
        }
    }

    private void requireClip() {
        String type = config.path("image_processor_type").asText("");
        if (type.isEmpty()) {
            // Written before image processors had their name.
            type = config.path("feature_extractor_type").asText("");
            type = type.replace("FeatureExtractor", "ImageProcessor");
        }
        String family = type.replaceFirst("(Fast|Pil)$", "");
        if (!family.equals("CLIPImageProcessor")) {
            throw unsupported("the image_processor_type '" + type + "'");
        }
        if (config.path("use_square_size").asBoolean(false)) {
            throw unsupported("use_square_size");
        }
        if (config.path("do_pad").asBoolean(false) && config.hasNonNull("pad_size")) {
            throw unsupported("pad_size");
        }
    }

    /** True unless the file says otherwise, as every flag of CLIP's is. */
    private boolean flag(String name) {
        JsonNode value = get(name, factory().booleanNode(true));
        if (!value.isBoolean()) {
            throw new IllegalArgumentException(name + " is " + value + ", not true or false");
        }
        return value.booleanValue();
    }

    private Resize resize() {
        JsonNode size = get("size", factory().numberNode(CLIP_SIZE));
        if (size.isInt()) {
            return new ShortestEdge(size.intValue(), filter());
        }
        if (size.size() == 1 && size.path("shortest_edge").isInt()) {
            return new ShortestEdge(size.path("shortest_edge").intValue(), filter());
        }
        if (size.size() == 2 && size.path("height").isInt() && size.path("width").isInt()) {
            return new Exact(size("size", size), filter());
        }
        throw unsupported("the size " + size);
    }

    private ResampleFilter filter() {
        JsonNode number = config.path("resample");
        if (number.isMissingNode() || number.isNull()) {
            return ResampleFilter.BICUBIC;
        }
        return ResampleFilter.ofNumber(number.asInt(-1))
                .orElseThrow(() -> unsupported("the resample " + number));
    }

    private Size crop() {
        JsonNode size = get("crop_size", factory().numberNode(CLIP_SIZE));
        return size.isInt() ? new Size(size.intValue(), size.intValue()) : size("crop_size", size);
    }

    private Size size(String name, JsonNode size) {
        if (!size.path("height").isInt() || !size.path("width").isInt()) {
            throw unsupported("the " + name + " " + size);
        }
        return new Size(size.path("height").intValue(), size.path("width").intValue());
    }

    private double rescale() {
        return number("rescale_factor", get("rescale_factor", factory().numberNode(1 / 255.0)));
    }

    private Normalization normalization() {
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

    private JsonNode get(String name, JsonNode fallback) {
        return config.hasNonNull(name) ? config.path(name) : fallback;
    }

    private static JsonNodeFactory factory() {
        return JsonNodeFactory.instance;
    }

    private PlumblineException unsupported(String what) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "IMAGE_PROCESSOR_UNSUPPORTED",
                file + " asks for " + what + ", which is not supported; only CLIPImageProcessor is",
                Map.of("file", file.toString(), "setting", what));
    }

    private static PlumblineException invalid(Path file, String detail) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "IMAGE_PROCESSOR_INVALID",
                file + " cannot be used: " + detail + "; correct it or fetch the file again",
                Map.of("file", file.toString(), "detail", detail));
    }
}
