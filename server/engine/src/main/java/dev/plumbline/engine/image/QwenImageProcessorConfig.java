package dev.plumbline.engine.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageProcessorConfig.Normalization;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * What Qwen2-VL's image processor does to a picture, in this order; a step that is absent is left
 * out.
 *
 * @param rescale factor on the 8-bit values
 */
public record QwenImageProcessorConfig(
        SmartResize resize,
        ResampleFilter filter,
        OptionalDouble rescale,
        Optional<Normalization> normalization,
        Patching patching) {
    private static final String TYPE = "Qwen2VLImageProcessor";
    private static final Set<String> TYPES = Set.of(TYPE, "Qwen2_5_VLImageProcessor");
    private static final long MINIMUM_PIXELS = 56 * 56;
    private static final long MAXIMUM_PIXELS = 28 * 28 * 1280;

    /**
     * How a picture is cut.
     *
     * @param size pixels along the side of a patch
     * @param merge patches along the side of what becomes one image token
     * @param frames how often a still picture is repeated in each patch
     */
    public record Patching(int size, int merge, int frames) {
        private static final int MAXIMUM_FACTOR = 4096;
        private static final int MAXIMUM_FRAMES = 4;

        public Patching {
            if (size <= 0 || merge <= 0 || (long) size * merge > MAXIMUM_FACTOR) {
                throw new IllegalArgumentException(
                        "patch_size times merge_size must be 1 to %d, but is %d times %d"
                                .formatted(MAXIMUM_FACTOR, size, merge));
            }
            if (frames <= 0 || frames > MAXIMUM_FRAMES) {
                throw new IllegalArgumentException(
                        "temporal_patch_size must be 1 to %d, but is %d"
                                .formatted(MAXIMUM_FRAMES, frames));
            }
        }

        /** Pixels along the side of one image token. */
        public int factor() {
            return size * merge;
        }

        /** Numbers in one patch: channels, frames, rows, columns. */
        public int values() {
            return Picture.CHANNELS * size * size * frames;
        }
    }

    /**
     * Reads {@code processor_config.json} (its {@code image_processor}), else {@code
     * preprocessor_config.json}, with the defaults of transformers' {@code Qwen2VLImageProcessor}.
     * The bounds of the area stand in {@code min_pixels} and {@code max_pixels}, else in {@code
     * size}.
     *
     * @throws PlumblineException NOT_FOUND with the reason IMAGE_PROCESSOR_MISSING, or
     *     FAILED_PRECONDITION with IMAGE_PROCESSOR_UNSUPPORTED or IMAGE_PROCESSOR_INVALID
     */
    public static QwenImageProcessorConfig read(Path folder) {
        return ProcessorJson.read(folder, TYPE, QwenImageProcessorConfig::of);
    }

    private static QwenImageProcessorConfig of(ProcessorJson json) {
        if (!TYPES.contains(json.type())) {
            throw json.unsupported("the image_processor_type '" + json.type() + "'");
        }
        if (!json.flag("do_resize")) {
            throw json.unsupported("do_resize false");
        }
        Patching patching =
                new Patching(
                        json.size("patch_size", 14),
                        json.size("merge_size", 2),
                        json.size("temporal_patch_size", 2));
        return new QwenImageProcessorConfig(
                new SmartResize(
                        patching.factor(),
                        pixels(json, "min_pixels", "shortest_edge", MINIMUM_PIXELS),
                        pixels(json, "max_pixels", "longest_edge", MAXIMUM_PIXELS)),
                json.filter(),
                json.rescale(),
                json.flag("do_normalize") ? Optional.of(json.normalization()) : Optional.empty(),
                patching);
    }

    private static long pixels(ProcessorJson json, String name, String edge, long absent) {
        JsonNode value = json.config().path(name);
        String where = name;
        JsonNode size = json.config().path("size");
        if (value.isMissingNode() || value.isNull()) {
            if (size.isMissingNode() || size.isNull()) {
                return absent;
            }
            where = "size." + edge;
            value = size.path(edge);
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() <= 0) {
            throw new IllegalArgumentException(
                    where + " is " + value + ", not a whole number above 0");
        }
        return value.longValue();
    }
}
