package dev.plumbline.engine.model;

import dev.plumbline.engine.checkpoint.CheckpointWeights;
import dev.plumbline.engine.checkpoint.HuggingFaceFolder;
import dev.plumbline.engine.checkpoint.LoadProgress;
import dev.plumbline.engine.checkpoint.Storage;
import dev.plumbline.engine.checkpoint.Tokenizer;
import dev.plumbline.engine.checkpoint.WeightIndex;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageProcessor;
import dev.plumbline.engine.image.ImageProcessorConfig;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.tensor.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A CLIP checkpoint (Radford et al. 2021, arXiv 2103.00020) that is ready to be asked: pictures and
 * texts to vectors of one space. In fp32; may be used by several threads at once.
 */
public final class ClipModel implements AutoCloseable {
    /** The name of the family, as {@code config.json} has it in {@code model_type}. */
    public static final String FAMILY = ClipConfig.NAME;

    private final Origin origin;
    private final ClipConfig config;
    private final Tokenizer tokenizer;
    private final ClipPictures pictures;
    private final ClipTowers towers;

    private record Origin(Path folder, String digest, long parameters, MemoryEstimate memory) {}

    private ClipModel(
            Origin origin,
            ClipConfig config,
            Tokenizer tokenizer,
            ClipPictures pictures,
            ClipTowers towers) {
        this.origin = origin;
        this.config = config;
        this.tokenizer = tokenizer;
        this.pictures = pictures;
        this.towers = towers;
    }

    /** Whether a folder's configuration says that it is a CLIP checkpoint. */
    public static boolean isAt(Path folder) {
        return HuggingFaceFolder.open(folder)
                .config()
                .path("model_type")
                .asText("")
                .equals(ClipConfig.NAME);
    }

    /** What would be needed and what is there, without reading a weight. */
    public static MemoryEstimate estimate(Path folder) {
        return ClipMemory.estimate(ClipConfig.read(HuggingFaceFolder.open(folder).config()));
    }

    /** SHA-256 of the folder's contents, in hexadecimal, remembered by size and time. */
    public static String digest(Path folder, Path cacheFolder, LoadProgress progress) {
        return HuggingFaceFolder.open(folder).digest(cacheFolder, "", progress);
    }

    /** As {@link #load(Path, Path, Runtime, LoadProgress)}, with nobody who listens. */
    public static ClipModel load(Path folder, Path cacheFolder, Runtime runtime) {
        return load(folder, cacheFolder, runtime, LoadProgress.NONE);
    }

    /**
     * Reads a Hugging Face folder.
     *
     * @param cacheFolder where digests and converted weights are kept
     * @param progress hears of hashing and converting
     * @throws PlumblineException {@code MODEL_NOT_FOUND}, {@code MODEL_UNSUPPORTED} or what is
     *     wrong with a file or a tensor, by name
     */
    public static ClipModel load(
            Path folder, Path cacheFolder, Runtime runtime, LoadProgress progress) {
        HuggingFaceFolder files = HuggingFaceFolder.open(folder);
        ClipConfig config = ClipConfig.read(files.config());
        WeightIndex index = files.weightIndex();
        index.require(config.tensors(), config.ignorable());
        MemoryEstimate estimate = ClipMemory.estimate(config);
        estimate.requireFits(folder);
        Origin origin =
                new Origin(
                        files.path(),
                        files.digest(cacheFolder, "", progress),
                        index.parameters(),
                        estimate);
        ClipPictures pictures = pictures(files.path(), config.vision());
        Tokenizer tokenizer = Tokenizer.read(files.path());
        try {
            CheckpointWeights weights = weights(files, index, config, cacheFolder, progress);
            ClipTowers towers = ClipTowers.open(config, weights, runtime);
            return new ClipModel(origin, config, tokenizer, pictures, towers);
        } catch (RuntimeException | Error e) {
            tokenizer.close();
            throw e;
        }
    }

    private static ClipPictures pictures(Path folder, VisionConfig vision) {
        ImageProcessor processor = new ImageProcessor(ImageProcessorConfig.read(folder));
        return new ClipPictures(processor, vision.imageSize(), new PictureGrid(1, 1));
    }

    private static CheckpointWeights weights(
            HuggingFaceFolder files,
            WeightIndex index,
            ClipConfig config,
            Path cacheFolder,
            LoadProgress progress) {
        Map<String, Set<Storage>> wanted = new HashMap<>();
        config.tensors().keySet().forEach(name -> wanted.put(name, Set.of(Storage.FP32)));
        return CheckpointWeights.open(
                files,
                index,
                wanted,
                Precision.FP32,
                new CheckpointWeights.Source(cacheFolder, progress));
    }

    /** The real path of the folder. */
    public Path folder() {
        return origin.folder();
    }

    /** SHA-256 of all that decides the vectors, in hexadecimal. */
    public String digest() {
        return origin.digest();
    }

    /** Numbers of a vector. */
    public int dimension() {
        return config.dimension();
    }

    /** Weights, of both towers. */
    public long parameters() {
        return origin.parameters();
    }

    /** What it was expected to take when it was loaded. */
    public MemoryEstimate memory() {
        return origin.memory();
    }

    /** Tokens of a text; what is longer is cut. */
    public int contextLength() {
        return config.text().maxPositionEmbeddings();
    }

    /** Pictures that go through the tower together. */
    public int picturesPerRun() {
        return towers.picturesPerRun();
    }

    /**
     * Does nothing for a picture that {@link #images} takes.
     *
     * @throws PlumblineException {@code IMAGE_TOO_LARGE} for one of extreme proportions
     */
    public void requireSuitable(Picture picture) {
        pictures.requireSuitable(picture);
    }

    /**
     * One row a picture, each of Euclidean length 1.
     *
     * @throws PlumblineException {@code CANCELLED}, {@code IMAGE_TOO_LARGE} for a picture of
     *     extreme proportions, {@code EMBEDDING_NOT_FINITE}
     */
    public float[][] images(List<Picture> images, Cancellation cancellation) {
        List<float[]> rows = new ArrayList<>();
        int step = towers.picturesPerRun();
        for (int start = 0; start < images.size(); start += step) {
            cancellation.check();
            List<Picture> part = images.subList(start, Math.min(images.size(), start + step));
            rows.addAll(towers.images(pictures.batch(part), cancellation));
        }
        return rows.toArray(float[][]::new);
    }

    /**
     * One row a text, each of Euclidean length 1. A text of more tokens than {@link #contextLength}
     * loses those before its end token.
     *
     * @throws PlumblineException {@code CANCELLED}, {@code EMBEDDING_NOT_FINITE}
     */
    public float[][] texts(List<String> texts, Cancellation cancellation) {
        List<ClipTokens> tokens =
                texts.stream().map(text -> ClipTokens.of(text, tokenizer, config.text())).toList();
        List<float[]> rows = new ArrayList<>();
        int step = towers.textsPerRun();
        for (int start = 0; start < tokens.size(); start += step) {
            cancellation.check();
            List<ClipTokens> part = tokens.subList(start, Math.min(tokens.size(), start + step));
            rows.addAll(towers.texts(part, cancellation));
        }
        return rows.toArray(float[][]::new);
    }

    @Override
    public void close() {
        towers.close();
        tokenizer.close();
    }
}
