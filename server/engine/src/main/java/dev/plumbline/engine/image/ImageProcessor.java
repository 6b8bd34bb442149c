package dev.plumbline.engine.image;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageProcessorConfig.Normalization;
import dev.plumbline.engine.image.ImageProcessorConfig.Resize;
import dev.plumbline.engine.image.ImageProcessorConfig.Size;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A picture to the pixel values of a vision tower: resize, crop the center, rescale, normalize.
 * Equal bit for bit to transformers' {@code CLIPImageProcessorPil}.
 */
public final class ImageProcessor {
    private static final int LEVELS = 256;

    private final ImageProcessorConfig config;
    private final float[][] levels;

    public ImageProcessor(ImageProcessorConfig config) {
        this.config = config;
        this.levels = levels(config.rescale(), config.normalization());
    }

    public ImageProcessorConfig config() {
        return config;
    }

    /**
     * Applies the steps.
     *
     * @throws PlumblineException INVALID_ARGUMENT with the reason IMAGE_TOO_LARGE where the picture
     *     is so much longer than wide that resizing its shorter edge makes it huge
     */
    public PixelValues process(Picture picture) {
        Picture resized = config.resize().map(resize -> resize(picture, resize)).orElse(picture);
        Picture cropped = config.crop().map(size -> crop(resized, size)).orElse(resized);
        int pixels = cropped.width() * cropped.height();
        float[] values = new float[pixels * Picture.CHANNELS];
        for (int channel = 0; channel < Picture.CHANNELS; channel++) {
            float[] level = levels[channel];
            for (int i = 0; i < pixels; i++) {
                int value = cropped.rgb()[i * Picture.CHANNELS + channel] & 0xff;
                values[channel * pixels + i] = level[value];
            }
        }
        return new PixelValues(cropped.height(), cropped.width(), values);
    }

    /**
     * Does nothing for a picture of a size that {@link #process} takes.
     *
     * @throws PlumblineException as {@link #process} does
     */
    public void requireSuitable(int width, int height) {
        config.resize().ifPresent(resize -> resized(width, height, resize));
    }

    private static Picture resize(Picture picture, Resize resize) {
        Size size = resized(picture.width(), picture.height(), resize);
        return Resampler.resize(picture, size.width(), size.height(), resize.filter());
    }

    private static Size resized(int width, int height, Resize resize) {
        Size size = resize.of(height, width);
        // The picture between the two passes has the new width and the old height.
        long between = (long) size.width() * height;
        if (Math.max(size.pixels(), between) > ImageDecoder.MAXIMUM_PIXELS) {
            String from = width + " x " + height;
            String to = size.width() + " x " + size.height();
            throw new PlumblineException(
                    ErrorCode.INVALID_ARGUMENT,
                    "IMAGE_TOO_LARGE",
                    "an image of "
                            + from
                            + " pixels would be resized to "
                            + to
                            + "; crop it to less extreme proportions",
                    Map.of("from", from, "to", to));
        }
        return size;
    }

    /** The center; what is smaller than the crop gets black around it. */
    private static Picture crop(Picture picture, Size size) {
        int top = start(picture.height(), size.height());
        int left = start(picture.width(), size.width());
        byte[] rgb = new byte[Math.multiplyExact(size.width() * Picture.CHANNELS, size.height())];
        int firstColumn = Math.max(0, -left);
        int lastColumn = Math.min(size.width(), picture.width() - left);
        for (int y = Math.max(0, -top); y < Math.min(size.height(), picture.height() - top); y++) {
            int from = (y + top) * picture.width() + firstColumn + left;
            int to = y * size.width() + firstColumn;
            System.arraycopy(
                    picture.rgb(),
                    from * Picture.CHANNELS,
                    rgb,
                    to * Picture.CHANNELS,
                    (lastColumn - firstColumn) * Picture.CHANNELS);
        }
        return new Picture(size.width(), size.height(), rgb);
    }

    /** Where the crop begins in the picture; negative where it reaches out of it. */
    private static int start(int length, int cropped) {
        return Math.floorDiv(length - cropped, 2);
    }

    /** What each 8-bit value becomes, by channel. */
    static float[][] levels(OptionalDouble rescale, Optional<Normalization> normalization) {
        float[][] levels = new float[Picture.CHANNELS][LEVELS];
        for (int channel = 0; channel < Picture.CHANNELS; channel++) {
            for (int value = 0; value < LEVELS; value++) {
                // Rescaled in double and rounded once, normalized in float: numpy's steps.
                float level = (float) (value * rescale.orElse(1));
                if (normalization.isPresent()) {
                    float mean = normalization.get().mean().get(channel).floatValue();
                    float deviation = normalization.get().deviation().get(channel).floatValue();
                    level = (level - mean) / deviation;
                }
                levels[channel][value] = level;
            }
        }
        return levels;
    }
}
