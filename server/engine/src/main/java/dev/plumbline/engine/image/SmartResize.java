package dev.plumbline.engine.image;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageProcessorConfig.Size;
import java.util.Map;

/**
 * The size at which Qwen2-VL looks at a picture (Wang et al. 2024, arXiv 2409.12191): both sides
 * multiples of {@code factor}, the area between two bounds, the proportions nearly kept. Equal to
 * transformers' {@code smart_resize}.
 *
 * @param factor pixels along the side of one image token
 * @param minimumPixels smaller pictures are enlarged
 * @param maximumPixels larger pictures are shrunk
 */
public record SmartResize(int factor, long minimumPixels, long maximumPixels) {
    private static final int MAXIMUM_RATIO = 200;

    /** A little more than Qwen publishes as its own maximum, 16384 tokens of 28 x 28 pixels. */
    private static final long BUDGET = 1L << 24;

    public SmartResize {
        if (factor <= 0 || minimumPixels <= 0 || maximumPixels <= 0) {
            throw new IllegalArgumentException(
                    "the factor and the bounds of the area must be positive, but are %d, %d and %d"
                            .formatted(factor, minimumPixels, maximumPixels));
        }
    }

    /**
     * The size of a resized picture.
     *
     * @throws PlumblineException INVALID_ARGUMENT with the reason IMAGE_PROPORTIONS_EXTREME where
     *     one side is more than 200 times the other, or IMAGE_TOO_LARGE where the bounds let a
     *     picture become larger than 2^24 pixels
     */
    public Size of(int height, int width) {
        double ratio = (double) Math.max(height, width) / Math.min(height, width);
        if (ratio > MAXIMUM_RATIO) {
            throw refused(
                    "IMAGE_PROPORTIONS_EXTREME",
                    "an image of %d x %d pixels is more than 200 times as long as wide; crop it",
                    width,
                    height);
        }
        double rows = factor * Math.rint((double) height / factor);
        double columns = factor * Math.rint((double) width / factor);
        double area = (double) height * width;
        if (rows * columns > maximumPixels) {
            double shrink = Math.sqrt(area / maximumPixels);
            rows = Math.max(factor, factor * Math.floor(height / shrink / factor));
            columns = Math.max(factor, factor * Math.floor(width / shrink / factor));
        } else if (rows * columns < minimumPixels) {
            double enlarge = Math.sqrt(minimumPixels / area);
            rows = factor * Math.ceil(height * enlarge / factor);
            columns = factor * Math.ceil(width * enlarge / factor);
        }
        if (rows * columns > BUDGET) {
            throw refused(
                    "IMAGE_TOO_LARGE",
                    "an image of %d x %d pixels would be looked at in more than 2^24 pixels; send a"
                            + " smaller one or lower min_pixels and max_pixels of the image"
                            + " processor",
                    width,
                    height);
        }
        return new Size((int) rows, (int) columns);
    }

    private static PlumblineException refused(
            String reason, String message, int width, int height) {
        return new PlumblineException(
                ErrorCode.INVALID_ARGUMENT,
                reason,
                message.formatted(width, height),
                Map.of("width", Integer.toString(width), "height", Integer.toString(height)));
    }
}
