package dev.plumbline.engine.model;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageProcessor;
import dev.plumbline.engine.image.ImageProcessorConfig;
import dev.plumbline.engine.image.ImageProcessorConfig.Size;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Pictures as a CLIP tower reads them: all of one size. */
final class ClipPictures implements PictureInputs {
    private final ImageProcessor processor;
    private final int imageSize;
    private final PictureGrid grid;

    /**
     * @param imageSize pixels on a side of what the tower sees
     * @param grid of every picture
     * @throws PlumblineException {@code MODEL_UNSUPPORTED} if the processor makes another size
     */
    ClipPictures(ImageProcessor processor, int imageSize, PictureGrid grid) {
        requireSize(processor.config(), imageSize);
        this.processor = processor;
        this.imageSize = imageSize;
        this.grid = grid;
    }

    private static void requireSize(ImageProcessorConfig config, int imageSize) {
        Size made =
                config.crop()
                        .or(() -> config.resize().map(resize -> resize.of(imageSize, imageSize)))
                        .orElse(new Size(imageSize, imageSize));
        if (made.height() != imageSize || made.width() != imageSize) {
            throw new PlumblineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "MODEL_UNSUPPORTED",
                    "the image processor makes %d x %d pixels, the vision tower takes %d x %d"
                            .formatted(made.width(), made.height(), imageSize, imageSize),
                    Map.of("image_size", Integer.toString(imageSize)));
        }
    }

    @Override
    public PictureGrid grid(int width, int height) {
        processor.requireSuitable(width, height);
        return grid;
    }

    void requireSuitable(Picture picture) {
        processor.requireSuitable(picture.width(), picture.height());
    }

    @Override
    public Map<String, Tensor> of(Picture picture) {
        return batch(List.of(picture));
    }

    /** {@code pixel_values} [pictures, 3, size, size]; all processors take part. */
    Map<String, Tensor> batch(List<Picture> pictures) {
        Shape shape = Shape.of(pictures.size(), Picture.CHANNELS, imageSize, imageSize);
        Tensor pixels = Tensor.zeros(DType.F32, shape);
        IntStream.range(0, pictures.size())
                .parallel()
                .forEach(i ->
                        pixels.slice(i, i + 1L)
                                .copyFrom(processor.process(pictures.get(i)).values()));
        return Map.of("pixel_values", pixels);
    }
}
