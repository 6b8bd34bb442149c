package dev.plumbline.engine.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.engine.checkpoint.CheckpointWeights;
import dev.plumbline.engine.checkpoint.HuggingFaceFolder;
import dev.plumbline.engine.checkpoint.MemoryNeed;
import dev.plumbline.engine.checkpoint.SystemMemory;
import dev.plumbline.engine.checkpoint.Tokenizer;
import dev.plumbline.engine.checkpoint.WeightIndex;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A checkpoint that is ready to be asked: one copy of its weights, its text side, its sessions. */
public final class LoadedModel implements AutoCloseable {
    private final HuggingFaceFolder folder;
    private final String digest;
    private final ModelFamily family;
    private final WeightIndex index;
    private final ModelSessions sessions;
    private final Tokenizer tokenizer;
    private final TextSide text;
    private final ImageFeatures features;
    private final Queue<Runnable> users = new ConcurrentLinkedQueue<>();

    private LoadedModel(
            HuggingFaceFolder folder,
            String digest,
            ModelFamily family,
            WeightIndex index,
            ModelSessions sessions,
            PictureInputs pictures,
            TextSide text) {
        this.folder = folder;
        this.digest = digest;
        this.family = family;
        this.index = index;
        this.sessions = sessions;
        this.text = text;
        this.tokenizer = text.tokenizer();
        this.features =
                new ImageFeatures(pictures, sessions, family.facts().hiddenSize(), featureBytes());
    }

    /** What would be needed and what is there, without reading a weight. */
    public static MemoryEstimate estimate(Path folder) {
        HuggingFaceFolder files = HuggingFaceFolder.open(folder);
        WeightIndex index = files.weightIndex();
        return new MemoryEstimate(
                need(family(files, index), index).totalBytes(),
                new SystemMemory().availableBytes());
    }

    /**
     * Reads a Hugging Face folder.
     *
     * @param cacheFolder where digests and converted weights are kept
     * @throws PlumblineException {@code MODEL_NOT_FOUND}, {@code MODEL_UNSUPPORTED}, {@code
     *     MEMORY_INSUFFICIENT} or what is wrong with a file, a tensor or a template, by name
     */
    public static LoadedModel load(Path folder, Path cacheFolder, Runtime runtime) {
        HuggingFaceFolder files = HuggingFaceFolder.open(folder);
        WeightIndex index = files.weightIndex();
        ModelFamily family = family(files, index);
        Map<String, Shape> tensors = family.tensors();
        index.require(tensors, family.ignorable());
        need(family, index).requireAvailable(folder, new SystemMemory().availableBytes());
        String digest = files.digest(cacheFolder);
        CheckpointWeights weights = CheckpointWeights.open(files, cacheFolder);
        Map<String, Tensor> needed = weights.require(tensors, family.ignorable());
        PictureInputs pictures = family.pictures(files.path());
        TextSide text = TextSide.read(files, family, pictures);
        ModelSessions sessions = new ModelSessions(runtime, runtime.weights(needed), family);
        try {
            return new LoadedModel(files, digest, family, index, sessions, pictures, text);
        } catch (RuntimeException e) {
            sessions.close();
            text.tokenizer().close();
            throw e;
        }
    }

    /** SHA-256 of all that decides what the model computes, remembered by size and time. */
    public static String digest(Path folder, Path cacheFolder) {
        return HuggingFaceFolder.open(folder).digest(cacheFolder);
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

    private static MemoryNeed need(ModelFamily family, WeightIndex index) {
        ModelFacts facts = family.facts();
        long cache = facts.contextLength() * facts.cacheBytesPerToken();
        // A prefill holds a few tensors of [context, hidden] at a time, and one row of logits.
        long activations =
                (16L * facts.contextLength() * facts.hiddenSize() + facts.vocabSize())
                        * Float.BYTES;
        return MemoryNeed.of(index, cache + activations);
    }

    /** A sixteenth of the heap's limit, at least 64 MiB. */
    private static long featureBytes() {
        return Math.max(64L << 20, java.lang.Runtime.getRuntime().maxMemory() / 16);
    }

    public String digest() {
        return digest;
    }

    public Path folder() {
        return folder.path();
    }

    /** Such as {@code llava}. */
    public String family() {
        return family.name();
    }

    public long parameters() {
        return index.parameters();
    }

    /** Of all weights as they are served. */
    public long weightBytes() {
        return index.fp32Bytes();
    }

    /** Tokens of prompt, pictures and answer together. */
    public int contextLength() {
        return family.facts().contextLength();
    }

    /** Tokens that one picture takes at most. */
    public int imageTokens() {
        return family.facts().pictures().mostTokens();
    }

    public ModelFacts facts() {
        return family.facts();
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
        return tokenizer;
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
    public AnswerGraph answers(GraphBuilder builder, Set<String> adapted) {
        return family.answers(builder, adapted);
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
        tokenizer.close();
    }
}
