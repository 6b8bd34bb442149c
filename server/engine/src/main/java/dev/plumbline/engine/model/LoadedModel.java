package dev.plumbline.engine.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.engine.checkpoint.CheckpointWeights;
import dev.plumbline.engine.checkpoint.HuggingFaceFolder;
import dev.plumbline.engine.checkpoint.SystemMemory;
import dev.plumbline.engine.checkpoint.Tokenizer;
import dev.plumbline.engine.checkpoint.WeightIndex;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.tensor.Precision;
import dev.plumbline.engine.tensor.Shape;
import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A checkpoint that is ready to be asked: one copy of its weights, its text side, its sessions. */
public final class LoadedModel implements AutoCloseable {
    private final Origin origin;
    private final ModelFamily family;
    private final ModelFacts facts;
    private final ModelSessions sessions;
    private final TextSide text;
    private final ImageFeatures features;
    private final Queue<Runnable> users = new ConcurrentLinkedQueue<>();

    /**
     * What a model was made from.
     *
     * @param weightBytes of all weights as they are kept
     */
    private record Origin(
            Path folder,
            String digest,
            LoadOptions options,
            long parameters,
            long weightBytes,
            MemoryEstimate memory) {}

    private LoadedModel(
            Origin origin,
            ModelFamily family,
            ModelSessions sessions,
            PictureInputs pictures,
            TextSide text) {
        int context = origin.options().contextLength();
        this.origin = origin;
        this.family = family;
        this.facts = family.facts().limitedTo(context);
        this.sessions = sessions;
        this.text = text.limitedTo(context);
        this.features = new ImageFeatures(pictures, sessions, facts.hiddenSize(), featureBytes());
    }

    /** What would be needed and what is there, without reading a weight. */
    public static MemoryEstimate estimate(Path folder, LoadOptions options) {
        HuggingFaceFolder files = HuggingFaceFolder.open(folder);
        WeightIndex index = files.weightIndex();
        return estimate(family(files, index), index, options);
    }

    private static MemoryEstimate estimate(
            ModelFamily family, WeightIndex index, LoadOptions options) {
        return new MemoryModel(family, index)
                .estimate(
                        options.precision(),
                        options.contextLength(),
                        new SystemMemory().availableBytes());
    }

    /** Reads a Hugging Face folder, to be served in fp32. */
    public static LoadedModel load(Path folder, Path cacheFolder, Runtime runtime) {
        return load(folder, cacheFolder, runtime, LoadOptions.DEFAULT);
    }

    /**
     * Reads a Hugging Face folder.
     *
     * @param cacheFolder where digests and converted weights are kept
     * @throws PlumblineException {@code MODEL_NOT_FOUND}, {@code MODEL_UNSUPPORTED}, {@code
     *     MEMORY_INSUFFICIENT} or what is wrong with a file, a tensor or a template, by name
     */
    public static LoadedModel load(
            Path folder, Path cacheFolder, Runtime runtime, LoadOptions options) {
        HuggingFaceFolder files = HuggingFaceFolder.open(folder);
        WeightIndex index = files.weightIndex();
        ModelFamily family = family(files, index);
        index.require(family.tensors(), family.ignorable());
        MemoryEstimate memory = estimate(family, index, options);
        memory.requireFits(folder);
        Origin origin =
                new Origin(
                        files.path(),
                        digest(files, cacheFolder, options),
                        options,
                        index.parameters(),
                        new MemoryModel(family, index).storedBytes(options.precision()),
                        memory);
        PictureInputs pictures = family.pictures(files.path());
        TextSide text = TextSide.read(files, family, pictures);
        try {
            ModelSessions sessions = sessions(files, index, family, cacheFolder, runtime, options);
            try {
                return new LoadedModel(origin, family, sessions, pictures, text);
            } catch (RuntimeException | Error e) {
                sessions.close();
                throw e;
            }
        } catch (RuntimeException | Error e) {
            text.tokenizer().close();
            throw e;
        }
    }

    /** Sessions that own the weights. */
    private static ModelSessions sessions(
            HuggingFaceFolder files,
            WeightIndex index,
            ModelFamily family,
            Path cacheFolder,
            Runtime runtime,
            LoadOptions options) {
        Precision precision = options.precision();
        CheckpointWeights weights =
                CheckpointWeights.open(
                        files,
                        index,
                        StoragePlan.of(family, precision),
                        precision,
                        new CheckpointWeights.Source(cacheFolder, options.progress()));
        try {
            ModelWeights kept =
                    new ModelWeights(
                            weights.tensors(), weights.quantized(), precision.roundsActivations());
            return new ModelSessions(runtime, kept, weights::close, family);
        } catch (RuntimeException | Error e) {
            weights.close();
            throw e;
        }
    }

    /**
     * SHA-256 of all that decides what the model computes, remembered by size and time. In fp32
     * that is the folder's contents alone.
     */
    public static String digest(Path folder, Path cacheFolder, LoadOptions options) {
        return digest(HuggingFaceFolder.open(folder), cacheFolder, options);
    }

    private static String digest(HuggingFaceFolder files, Path cacheFolder, LoadOptions options) {
        return files.digest(cacheFolder, options.variant(), options.progress());
    }

    private static ModelFamily family(HuggingFaceFolder folder, WeightIndex index) {
        JsonNode config = folder.config();
        String type = config.path("model_type").asText("");
        return switch (type) {
            case Llava.NAME -> Llava.read(config, index.find(LlamaWithPictures.HEAD).isPresent());
            case Qwen25Vl.NAME -> Qwen25Vl.read(config, folder.path());
            default ->
                    throw new ConfigReader(config)
                            .unsupported(
                                    "model_type",
                                    "'" + type + "'",
                                    Llava.NAME + ", " + Qwen25Vl.NAME);
        };
    }

    /** A sixteenth of the heap's limit, at least 64 MiB. */
    private static long featureBytes() {
        return Math.max(64L << 20, java.lang.Runtime.getRuntime().maxMemory() / 16);
    }

    public String digest() {
        return origin.digest();
    }

    public Path folder() {
        return origin.folder();
    }

    /** In which it is served. */
    public Precision precision() {
        return origin.options().precision();
    }

    /** Such as {@code llava}. */
    public String family() {
        return family.name();
    }

    public long parameters() {
        return origin.parameters();
    }

    /** Of all weights as they are kept. */
    public long weightBytes() {
        return origin.weightBytes();
    }

    /** What it was expected to take when it was loaded. */
    public MemoryEstimate memory() {
        return origin.memory();
    }

    /** Tokens of prompt, pictures and answer together. */
    public int contextLength() {
        return facts.contextLength();
    }

    /** Tokens that one picture takes at most. */
    public int imageTokens() {
        return facts.pictures().mostTokens();
    }

    public ModelFacts facts() {
        return facts;
    }

    /** What positions are rotated by. */
    public RotaryTable rotary() {
        return family.rotary();
    }

    /** Layers that LoRA can change, with their shapes [out, in], in the order of the graph. */
    public Map<String, Shape> linearModules() {
        return family.linearModules();
    }

    public Tokenizer tokenizer() {
        return text.tokenizer();
    }

    /** Ids any of which ends a generated answer. */
    public Set<Integer> endIds() {
        return text.endIds();
    }

    public PromptEncoder prompts() {
        return text.prompts();
    }

    public ImageFeatures features() {
        return features;
    }

    public ModelSessions sessions() {
        return sessions;
    }

    /** A graph of log-probabilities of answers to be extended, over this model's weights. */
    public AnswerGraph answers(Projections projections) {
        return family.answers(projections);
    }

    /** Has something that uses this model ended before the model is. */
    public void beforeClose(Runnable end) {
        users.add(end);
    }

    @Override
    public void close() {
        users.forEach(Runnable::run);
        users.clear();
        sessions.close();
        text.tokenizer().close();
    }
}
