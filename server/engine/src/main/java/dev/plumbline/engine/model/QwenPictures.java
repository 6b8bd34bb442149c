package dev.plumbline.engine.model;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageProcessorConfig.Size;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.image.PixelPatches;
import dev.plumbline.engine.image.QwenImageProcessor;
import dev.plumbline.engine.image.QwenImageProcessorConfig;
import dev.plumbline.engine.image.QwenImageProcessorConfig.Patching;
import dev.plumbline.engine.image.SmartResize;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Pictures as {@link QwenVisionTower} reads them: patches, their positions and their windows. */
final class QwenPictures implements PictureInputs {
    private final QwenImageProcessor processor;
    private final QwenVisionConfig config;
    private final RotaryTable rotary;

    private QwenPictures(QwenImageProcessor processor, QwenVisionConfig config) {
        this.processor = processor;
        this.config = config;
        this.rotary = rotary(config);
    }

    /**
     * @param folder with the image processor's configuration
     * @throws PlumblineException as {@link QwenImageProcessorConfig#read}, or {@code
     *     MODEL_UNSUPPORTED} where it cuts pictures otherwise than the tower takes them
     */
    static QwenPictures read(Path folder, QwenVisionConfig config) {
        QwenImageProcessorConfig processor = QwenImageProcessorConfig.read(folder);
        Patching cut = processor.patching();
        if (!cut.equals(config.patching())) {
            throw new PlumblineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "MODEL_UNSUPPORTED",
                    ("%s: the image processor cuts a picture as %s, the vision tower takes %s;"
                                    + " fetch config.json and the processor's configuration of one"
                                    + " model")
                            .formatted(folder, cut, config.patching()),
                    Map.of(
                            "folder",
                            folder.toString(),
                            "processor",
                            cut.toString(),
                            "tower",
                            config.patching().toString()));
        }
        return new QwenPictures(new QwenImageProcessor(processor), config);
    }

    /**
     * One half of a head's frequencies turns with the row of a patch, the other with its column.
     */
    private static RotaryTable rotary(QwenVisionConfig config) {
        int each = config.headDim() / 4;
        double[] frequencies = new double[2 * each];
        for (int i = 0; i < each; i++) {
            // In float, step by step, as torch computes them.
            float power = (float) Math.pow(config.details().ropeTheta(), (float) i / each);
            frequencies[i] = 1 / power;
            frequencies[each + i] = frequencies[i];
        }
        return new RotaryTable(frequencies, new int[] {0, each, each});
    }

    /** Image tokens of the largest picture. */
    int mostTokens() {
        SmartResize resize = processor.config().resize();
        long side = resize.factor();
        return Math.toIntExact(Math.max(resize.maximumPixels() / (side * side), 1));
    }

    /** The numbers in the dims of the tower for a square of so many tokens, if any takes them. */
    Map<String, Long> largest(int limit) {
        long tokens = Math.min(limit, mostTokens());
        long unit = (long) config.patching().merge() * config.patching().merge();
        long side = config.details().window();
        long across = Math.ceilDiv((long) Math.ceil(Math.sqrt(tokens)), side);
        return Map.of(
                "tokens",
                tokens,
                QwenVisionTower.PATCHES,
                tokens * unit,
                "windows",
                across * across,
                "window",
                Math.min(side * side, tokens) * unit);
    }

    @Override
    public PictureGrid grid(int width, int height) {
        Size size = processor.resized(width, height);
        int factor = config.patching().factor();
        return new PictureGrid(size.height() / factor, size.width() / factor);
    }

    @Override
    public Map<String, Tensor> of(Picture picture) {
        PixelPatches patches = processor.process(picture);
        int merge = config.patching().merge();
        PictureGrid grid = new PictureGrid(patches.rows() / merge, patches.columns() / merge);
        QwenWindows windows = new QwenWindows(grid, config.details().window(), merge);
        int count = windows.patches();
        Map<String, Tensor> inputs = new HashMap<>(windows.inputs());
        inputs.put(
                QwenVisionTower.PIXELS,
                Tensor.of(Shape.of(count, config.patching().values()), patches.values()));
        Tensor cos = Tensor.zeros(DType.F32, Shape.of(1, count, rotary.width()));
        Tensor sin = Tensor.zeros(DType.F32, Shape.of(1, count, rotary.width()));
        rotary.fill(positions(windows), 0, count, cos, sin, 0);
        inputs.put(QwenVisionTower.COS, cos);
        inputs.put(QwenVisionTower.SIN, sin);
        return inputs;
    }

    private static TokenPositions positions(QwenWindows windows) {
        int[] rows = new int[windows.patches()];
        int[] columns = new int[rows.length];
        Arrays.setAll(rows, windows::row);
        Arrays.setAll(columns, windows::column);
        return TokenPositions.of(new int[rows.length], rows, columns, 0);
    }
}
