package dev.plumbline.engine.image;

import dev.plumbline.engine.error.PlumblineException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What an image processor does to a picture, in this order; a step that is absent is left out.
 *
 * @param rescale factor on the 8-bit values
 */
public record ImageProcessorConfig(
        Optional<Resize> resize,
        Optional<Size> crop,
        OptionalDouble rescale,
        Optional<Normalization> normalization) {

    /**
     * Reads {@code processor_config.json} (its {@code image_processor}), else {@code
     * preprocessor_config.json}, in transformers' order of preference, with the defaults of its
     * {@code CLIPImageProcessor} for what is not there.
     *
     * @throws PlumblineException NOT_FOUND with the reason IMAGE_PROCESSOR_MISSING, or
     *     FAILED_PRECONDITION with IMAGE_PROCESSOR_UNSUPPORTED or IMAGE_PROCESSOR_INVALID
     */
    public static ImageProcessorConfig read(Path folder) {
        return ImageProcessorConfigReader.read(folder);
    }

    /** How large the picture becomes before it is cropped. */
    public sealed interface Resize {
        ResampleFilter filter();

        /** The size of a resized picture. */
        Size of(int height, int width);
    }

    /** The shorter edge becomes {@code edge} pixels, the longer one follows, rounded down. */
    public record ShortestEdge(int edge, ResampleFilter filter) implements Resize {
        public ShortestEdge {
            requirePositive(edge, edge);
        }

        @Override
        public Size of(int height, int width) {
            // In double precision, as Python divides integers.
            int longer =
                    (int)
                            ((double) ((long) edge * Math.max(height, width))
                                    / Math.min(height, width));
            return width <= height ? new Size(longer, edge) : new Size(edge, longer);
        }
    }

    /** Always this size, whatever the picture's proportions. */
    public record Exact(Size size, ResampleFilter filter) implements Resize {
        @Override
        public Size of(int height, int width) {
            return size;
        }
    }

    /** In pixels. */
    public record Size(int height, int width) {
        public Size {
            requirePositive(height, width);
        }

        long pixels() {
            return (long) height * width;
        }
    }

    /** {@code (value - mean) / deviation} for red, green and blue. */
    public record Normalization(List<Double> mean, List<Double> deviation) {
        public Normalization {
            mean = List.copyOf(mean);
            deviation = List.copyOf(deviation);
            if (mean.size() != Picture.CHANNELS || deviation.size() != Picture.CHANNELS) {
                throw new IllegalArgumentException(
                        "image_mean and image_std need three numbers, but are "
                                + mean
                                + " and "
                                + deviation);
            }
            if (deviation.contains(0.0) || deviation.contains(-0.0)) {
                throw new IllegalArgumentException(
                        "image_std is " + deviation + ", and nothing can be divided by 0");
            }
        }
    }

    private static void requirePositive(int height, int width) {
        if (height <= 0 || width <= 0) {
            throw new IllegalArgumentException(
                    "a size must be positive, but is " + height + " x " + width);
        }
    }
}
