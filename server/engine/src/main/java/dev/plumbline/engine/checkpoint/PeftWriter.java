package dev.plumbline.engine.checkpoint;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.tensor.Tensor;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.IntStream;

/** Writes the two files of an adapter. */
final class PeftWriter {
    /** {@code …layers.3.self_attn.q_proj}: what both namings share. */
    private static final String LAYERS = "language_model.model.layers.";

    private static final String AT_ROOT = "model\\.(language_model\\.)?";

    private PeftWriter() {}

    static void write(PeftAdapter adapter, Path folder) {
        Path target = folder.toAbsolutePath().normalize();
        try {
            if (isNewOrEmpty(target)) {
                writeNew(adapter, target);
            } else {
                writeFiles(adapter, target);
            }
        } catch (IOException e) {
            throw Faults.unwritable(target, adapter.parameters() * Float.BYTES, e);
        }
    }

    private static boolean isNewOrEmpty(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return true;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            return !files.iterator().hasNext();
        }
    }

    /** Beside its place first, then renamed: the folder appears with both files. */
    private static void writeNew(PeftAdapter adapter, Path target) throws IOException {
        Path temporary =
                target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID());
        Files.createDirectories(temporary);
        try {
            writeFiles(adapter, temporary);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary.resolve(PeftAdapter.TENSORS));
            Files.deleteIfExists(temporary.resolve(PeftAdapter.CONFIG));
            Files.deleteIfExists(temporary);
        }
    }

    private static void writeFiles(PeftAdapter adapter, Path folder) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        adapter.modules()
                .forEach((module, pair) -> {
                    String key = "base_model.model." + adapter.naming().moduleName(module);
                    tensors.put(key + ".lora_A.weight", pair.a());
                    tensors.put(key + ".lora_B.weight", pair.b());
                });
        SafetensorsWriter.write(
                folder.resolve(PeftAdapter.TENSORS), tensors, Map.of("format", "pt"));
        DefaultPrettyPrinter printer =
                new DefaultPrettyPrinter(
                        Separators.createDefaultInstance()
                                .withObjectFieldValueSpacing(Separators.Spacing.AFTER));
        byte[] json = Json.MAPPER.writer(printer).writeValueAsBytes(config(adapter));
        AtomicFile.write(folder.resolve(PeftAdapter.CONFIG), json);
    }

    private static ObjectNode config(PeftAdapter adapter) {
        LoraConfig lora = adapter.config();
        ObjectNode json = Json.MAPPER.createObjectNode();
        ObjectNode alphas = Json.MAPPER.createObjectNode();
        ObjectNode ranks = Json.MAPPER.createObjectNode();
        adapter.modules()
                .forEach((module, pair) -> {
                    if (pair.rankStabilized() != lora.rankStabilized()) {
                        throw new IllegalArgumentException("mixed scalings: " + module);
                    }
                    String pattern = place(module).replace(".", "\\.");
                    if (pair.rank() != lora.rank()) {
                        ranks.put(pattern, pair.rank());
                    }
                    if (pair.alpha() != lora.alpha()) {
                        put(alphas, pattern, pair.alpha());
                    }
                });
        json.set("alpha_pattern", alphas);
        json.put("base_model_name_or_path", lora.baseModel());
        json.put("bias", "none");
        json.put("fan_in_fan_out", false);
        json.put("inference_mode", true);
        json.put("init_lora_weights", true);
        put(json, "lora_alpha", lora.alpha());
        json.put("lora_dropout", lora.dropout());
        json.putNull("modules_to_save");
        json.put("peft_type", "LORA");
        json.put("r", lora.rank());
        json.set("rank_pattern", ranks);
        json.put("target_modules", targetModules(adapter));
        json.putNull("task_type");
        json.put("use_dora", false);
        json.put("use_rslora", lora.rankStabilized());
        return json;
    }

    /** Whole numbers as such: peft declares alpha as an integer. */
    private static void put(ObjectNode json, String name, double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1 << 30) {
            json.put(name, (int) value);
        } else {
            json.put(name, value);
        }
    }

    /**
     * An expression that matches exactly the adapter's modules, in the adapter's naming and the
     * newest one, and none of the vision tower, whose layers have projections of the same names.
     * Short where every layer has the same projections.
     */
    private static String targetModules(PeftAdapter adapter) {
        Map<Integer, TreeSet<String>> byLayer = new TreeMap<>();
        for (String module : adapter.modules().keySet()) {
            String[] parts = place(module).split("\\.", 3);
            byLayer.computeIfAbsent(Integer.valueOf(parts[1]), layer -> new TreeSet<>())
                    .add(parts[2]);
        }
        TreeSet<String> first = byLayer.values().iterator().next();
        boolean all =
                byLayer.values().stream().allMatch(first::equals)
                        && byLayer.keySet().stream()
                                .toList()
                                .equals(IntStream.range(0, byLayer.size()).boxed().toList());
        boolean atRoot = adapter.naming() == AdapterNaming.TEXT_AT_ROOT;
        if (all) {
            return (atRoot ? AT_ROOT + "layers\\..*\\.(%s)" : ".*language_model.*\\.(%s)")
                    .formatted(
                            first.stream()
                                    .map(name -> name.substring(name.lastIndexOf('.') + 1))
                                    .distinct()
                                    .collect(joining("|")));
        }
        return (atRoot ? AT_ROOT + "(%s)" : ".*language_model.*\\.(%s)")
                .formatted(
                        adapter.modules().keySet().stream()
                                .map(module -> place(module).replace(".", "\\."))
                                .collect(joining("|")));
    }

    /** From {@code layers} on; peft's patterns match the end of a name, whatever comes before. */
    private static String place(String module) {
        if (!module.matches("language_model\\.model\\.layers\\.[0-9]{1,6}\\..+")) {
            throw new IllegalArgumentException(module + " is not in a layer of the language model");
        }
        return module.substring(LAYERS.length() - "layers.".length());
    }
}
