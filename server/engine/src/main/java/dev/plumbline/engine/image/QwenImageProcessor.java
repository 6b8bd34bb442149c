package dev.plumbline.engine.image;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageProcessorConfig.Size;
import dev.plumbline.engine.image.QwenImageProcessorConfig.Patching;

/**
 * A picture to the patches that Qwen2-VL's vision tower reads: resize, rescale, normalize, cut.
 * Equal bit for bit to transformers' {@code Qwen2VLImageProcessorPil}. (Its torchvision twin
 * resizes by other arithmetic and differs from it, mostly by one level of 256.)
 */
public final class QwenImageProcessor {
    private final QwenImageProcessorConfig config;
    private final float[][] levels;

    public QwenImageProcessor(QwenImageProcessorConfig config) {
        this.config = config;
        this.levels = ImageProcessor.levels(config.rescale(), config.normalization());
    }

    public QwenImageProcessorConfig config() {
        return config;
    }

    /**
     * The size to which a picture is resized, without looking at it.
     *
     * @throws PlumblineException as {@link SmartResize#of} does
     */
    public Size resized(int width, int height) {
        return config.resize().of(height, width);
    }

    /**
     * Applies the steps.
     *
     * @throws PlumblineException as {@link SmartResize#of} does
     */
    public PixelPatches process(Picture picture) {
        Size size = resized(picture.width(), picture.height());
        Picture resized = Resampler.resize(picture, size.width(), size.height(), config.filter());
        Patching patching = config.patching();
        int rows = size.height() / patching.size();
        int columns = size.width() / patching.size();
        int merge = patching.merge();
        int step = patching.values();
        float[] values = new float[Math.multiplyExact(rows * columns, step)];
        int offset = 0;
        for (int row = 0; row < rows; row += merge) {
            for (int column = 0; column < columns; column += merge) {
                for (int i = 0; i < merge * merge; i++) {
                    cut(resized, row + i / merge, column + i % merge, values, offset);
                    offset += step;
                }
            }
        }
        return new PixelPatches(rows, columns, values);
    }

    /** One patch: the planes of its channels, each repeated for every frame. */
    private void cut(Picture picture, int row, int column, float[] values, int offset) {
        int side = config.patching().size();
        int plane = side * side;
        int left = column * side;
        int to = offset;
        for (int channel = 0; channel < Picture.CHANNELS; channel++) {
            float[] level = levels[channel];
            int start = to;
            for (int y = row * side; y < (row + 1) * side; y++) {
                int from = (y * picture.width() + left) * Picture.CHANNELS + channel;
                for (int x = 0; x < side; x++) {
                    values[to++] = level[picture.rgb()[from + x * Picture.CHANNELS] & 0xff];
                }
            }
            for (int frame = 1; frame < config.patching().frames(); frame++) {
                System.arraycopy(values, start, values, to, plane);
                to += plane;
            }
        }
    }
}
