package dev.plumbline.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A model's folder; links, as in the cache of Hugging Face's libraries, are resolved. */
public final class HuggingFaceFolder {
    private static final String CONFIG = "config.json";

    /** Everything besides weights that changes what the model computes or what a prompt becomes. */
    private static final List<String> SETTINGS =
            List.of(
                    CONFIG,
                    "generation_config.json",
                    "tokenizer.json",
                    "tokenizer_config.json",
                    "tokenizer.model",
                    "special_tokens_map.json",
                    "added_tokens.json",
                    "preprocessor_config.json",
                    "processor_config.json",
                    "chat_template.json",
                    "chat_template.jinja");

    private final Path path;
    private final JsonNode config;

    private HuggingFaceFolder(Path path, JsonNode config) {
        this.path = path;
        this.config = config;
    }

    /**
     * Opens a folder that has a {@code config.json}; weights are looked at only when asked for.
     *
     * @throws PlumblineException {@code MODEL_NOT_FOUND} or {@code JSON_INVALID}, naming the path
     */
    public static HuggingFaceFolder open(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw notFound(folder, folder + " is not a folder");
        }
        if (!Files.isRegularFile(folder.resolve(CONFIG))) {
            String hint =
                    Files.isDirectory(folder.resolve("snapshots"))
                            ? "; give one of the folders under " + folder.resolve("snapshots")
                            : "; give the folder of a Hugging Face checkpoint";
            throw notFound(folder, folder + " has no config.json" + hint);
        }
        try {
            Path real = folder.toRealPath();
            return new HuggingFaceFolder(real, Json.readObject(real.resolve(CONFIG)));
        } catch (IOException e) {
            throw Faults.unreadable(folder, e);
        }
    }

    /** The real path of the folder. */
    public Path path() {
        return path;
    }

    public JsonNode config() {
        return config;
    }

    /** The real path of a file in the folder, if there is one of that name. */
    public Optional<Path> file(String name) {
        Path file = path.resolve(name);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(file.toRealPath());
        } catch (IOException e) {
            throw Faults.unreadable(file, e);
        }
    }

    /**
     * The JSON object in a file of the folder, if there is one of that name.
     *
     * @throws PlumblineException {@code JSON_INVALID}, naming the file
     */
    public Optional<JsonNode> json(String name) {
        return file(name).map(Json::readObject);
    }

    /**
     * Reads the headers of the weight files.
     *
     * @throws PlumblineException {@code WEIGHTS_MISSING}, {@code WEIGHTS_NOT_SAFETENSORS}, {@code
     *     TENSOR_MISSING} (in the index of shards but not in its shard) and what {@link
     *     Safetensors#open} throws
     */
    public WeightIndex weightIndex() {
        Optional<Path> single = file(ShardIndex.SINGLE);
        if (single.isPresent()) {
            return WeightIndex.of(List.of(Safetensors.open(single.get())));
        }
        if (file(ShardIndex.NAME).isPresent()) {
            return ShardIndex.read(this).open();
        }
        throw noWeights();
    }

    /** The weight files, links resolved; what {@link #weightIndex} would open. */
    List<Path> weightFiles() {
        return file(ShardIndex.SINGLE)
                .map(List::of)
                .orElseGet(() -> {
                    if (file(ShardIndex.NAME).isEmpty()) {
                        throw noWeights();
                    }
                    return List.copyOf(ShardIndex.read(this).files().values());
                });
    }

    /**
     * SHA-256 of settings, tokenizer and weights, in hexadecimal. Reads all of them once; then
     * remembers under the cache folder what each file hashed to, while its size and time stay.
     *
     * @param variant what else tells one way to serve the folder from another; empty for none
     */
    public String digest(Path cacheFolder, String variant, LoadProgress progress) {
        ContentDigest digest = new ContentDigest(cacheFolder);
        for (String name : SETTINGS) {
            file(name).ifPresent(file -> digest.add(name, file));
        }
        weightFiles().forEach(file -> digest.add("weights", file));
        return digest.hex(variant, progress);
    }

    /** The same of the weights alone. */
    String weightsDigest(Path cacheFolder, LoadProgress progress) {
        ContentDigest digest = new ContentDigest(cacheFolder);
        weightFiles().forEach(file -> digest.add("weights", file));
        return digest.hex("", progress);
    }

    private PlumblineException noWeights() {
        if (holdsPickledWeights()) {
            return Faults.unusable(
                    path,
                    "WEIGHTS_NOT_SAFETENSORS",
                    path
                            + " has its weights only as PyTorch pickles (.bin), which can run code"
                            + " when read; convert them to model.safetensors");
        }
        Path file = path.resolve(ShardIndex.SINGLE);
        return Faults.unusable(
                file,
                "WEIGHTS_MISSING",
                "there is neither %s nor %s beside it; fetch the checkpoint again"
                        .formatted(file, ShardIndex.NAME));
    }

    private boolean holdsPickledWeights() {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path, "*.{bin,pt,pth}")) {
            return files.iterator().hasNext();
        } catch (IOException e) {
            throw Faults.unreadable(path, e);
        }
    }

    private static PlumblineException notFound(Path folder, String message) {
        return new PlumblineException(
                ErrorCode.NOT_FOUND, "MODEL_NOT_FOUND", message, Map.of("path", folder.toString()));
    }
}
