package dev.plumbline.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The file that says which shard holds which tensor.
 *
 * @param files real path of each shard by its name, sorted
 * @param shards name of the shard of each tensor
 */
record ShardIndex(Path path, Map<String, Path> files, Map<String, String> shards) {
    static final String NAME = "model.safetensors.index.json";
    static final String SINGLE = "model.safetensors";

    static ShardIndex read(HuggingFaceFolder folder) {
        Path path = folder.path().resolve(NAME);
        JsonNode map = Json.readObject(path).path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw invalid(path, "weight_map is no object or empty");
        }
        Map<String, String> shards = new LinkedHashMap<>();
        Map<String, Path> files = new TreeMap<>();
        map.properties()
                .forEach(entry -> {
                    String shard = shardName(path, entry.getKey(), entry.getValue());
                    shards.put(entry.getKey(), shard);
                    files.computeIfAbsent(
                            shard,
                            name ->
                                    folder.file(name)
                                            .orElseThrow(
                                                    () -> missing(path, entry.getKey(), name)));
                });
        return new ShardIndex(path, files, shards);
    }

    /** Opens all shards and checks that each tensor lies where the index says. */
    WeightIndex open() {
        Map<String, Safetensors> opened = new LinkedHashMap<>();
        files.forEach((name, file) -> opened.put(name, Safetensors.open(file)));
        shards.forEach((tensor, shard) -> {
            Safetensors file = opened.get(shard);
            if (file != null) {
                file.info(tensor);
            }
        });
        return WeightIndex.of(opened.values());
    }

    /** Only a plain name: an index must not lead out of its folder. */
    private static String shardName(Path path, String tensor, JsonNode value) {
        String name = value.isTextual() ? value.textValue() : "";
        if (!name.endsWith(".safetensors") || name.contains("/") || name.contains("\\")) {
            throw invalid(path, "tensor %s lies in %s".formatted(tensor, value));
        }
        return name;
    }

    private static PlumblineException invalid(Path path, String what) {
        return Faults.unusable(
                path,
                "SHARD_INDEX_INVALID",
                "%s is not an index of shards: %s; fetch it again".formatted(path, what));
    }

    private static PlumblineException missing(Path path, String tensor, String shard) {
        Path file = path.resolveSibling(shard);
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "WEIGHTS_MISSING",
                "there is no %s, in which %s looks for tensor %s; fetch the checkpoint again"
                        .formatted(file, path.getFileName(), tensor),
                Map.of("file", file.toString(), "tensor", tensor));
    }
}
