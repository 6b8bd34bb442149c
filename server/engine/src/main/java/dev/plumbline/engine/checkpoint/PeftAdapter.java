package dev.plumbline.engine.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A LoRA adapter as peft reads and writes it.
 *
 * @param naming how its file names the modules, and how {@link #write} will
 * @param modules A and B by canonical module name, such as {@code
 *     language_model.model.layers.0.self_attn.q_proj}; sorted
 */
public record PeftAdapter(LoraConfig config, AdapterNaming naming, Map<String, LoraPair> modules) {
    static final String CONFIG = "adapter_config.json";
    static final String TENSORS = "adapter_model.safetensors";

    public PeftAdapter {
        modules = Collections.unmodifiableMap(new TreeMap<>(modules));
        if (modules.isEmpty()) {
            throw new IllegalArgumentException("an adapter changes at least one module");
        }
    }

    /**
     * Reads a folder that peft wrote; its tensors are copied, so the folder may go away.
     *
     * @throws PlumblineException {@code ADAPTER_NOT_FOUND}, {@code ADAPTER_CONFIG_INVALID}, {@code
     *     ADAPTER_UNSUPPORTED} (a feature of peft that changes the computation and that we do not
     *     have), {@code ADAPTER_TENSOR_UNEXPECTED}, {@code ADAPTER_TENSOR_MISSING}, {@code
     *     ADAPTER_SHAPE_MISMATCH}, {@code ADAPTER_NOT_FINITE}, naming file, tensor or setting
     */
    public static PeftAdapter read(Path folder) {
        return PeftReader.read(folder);
    }

    /**
     * Writes a folder that peft reads into the model it was made for. A new folder appears whole or
     * not at all; in a folder that exists, each file does.
     *
     * @throws PlumblineException {@code DISK_FULL} or {@code FILE_UNWRITABLE}, naming the file
     */
    public void write(Path folder) {
        PeftWriter.write(this, folder);
    }

    /** Last parts of the changed modules' names, such as {@code q_proj}, sorted. */
    public List<String> targets() {
        return modules.keySet().stream()
                .map(module -> module.substring(module.lastIndexOf('.') + 1))
                .distinct()
                .sorted()
                .toList();
    }

    public long parameters() {
        return modules.values().stream().mapToLong(LoraPair::parameters).sum();
    }

    /** SHA-256 of what the adapter computes: names, shapes, scalings and all numbers. */
    public String digest() {
        MessageDigest digest = Sha256.start();
        modules.forEach((name, pair) -> {
            String head = "%s %s\n".formatted(name, Double.toHexString(pair.scaling()));
            digest.update(head.getBytes(UTF_8));
            update(digest, pair.a());
            update(digest, pair.b());
        });
        return Sha256.hex(digest);
    }

    private static void update(MessageDigest digest, Tensor tensor) {
        digest.update(tensor.toString().getBytes(UTF_8));
        digest.update(tensor.bytes(0, Math.toIntExact(tensor.byteSize())));
    }
}
