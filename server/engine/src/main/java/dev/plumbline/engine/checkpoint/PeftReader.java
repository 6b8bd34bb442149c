package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the tensors of an adapter and pairs them. */
final class PeftReader {
    /** Very old versions of peft left the adapter's name in the keys. */
    private static final Pattern KEY =
            Pattern.compile("base_model\\.model\\.(.+)\\.lora_([AB])(\\.default)?\\.weight");

    private final Path file;
    private final PeftConfig config;
    private final Map<String, Half> halvesA = new TreeMap<>();
    private final Map<String, Half> halvesB = new TreeMap<>();

    /** A or B of a module, with the names that both have in the file. */
    private record Half(String key, String module, Tensor tensor) {}

    private PeftReader(Path file, PeftConfig config) {
        this.file = file;
        this.config = config;
    }

    static PeftAdapter read(Path folder) {
        Path configFile = folder.resolve(PeftAdapter.CONFIG);
        if (!Files.isRegularFile(configFile)) {
            throw PeftFaults.notFound(folder, "has no " + PeftAdapter.CONFIG);
        }
        Path file = folder.resolve(PeftAdapter.TENSORS);
        if (!Files.isRegularFile(file)) {
            throw Files.exists(folder.resolve("adapter_model.bin"))
                    ? Faults.unusable(
                            folder,
                            "WEIGHTS_NOT_SAFETENSORS",
                            folder
                                    + " has its tensors only as a PyTorch pickle (.bin), which can"
                                    + " run code when read; save it again as safetensors")
                    : PeftFaults.notFound(folder, "has no " + PeftAdapter.TENSORS);
        }
        return new PeftReader(file, PeftConfig.read(configFile)).read(Safetensors.open(file));
    }

    private PeftAdapter read(Safetensors tensors) {
        if (tensors.names().isEmpty()) {
            throw PeftFaults.config(file, "it holds no tensors");
        }
        for (String key : tensors.names()) {
            readHalf(key, tensors.tensor(key));
        }
        Map<String, LoraPair> modules = new LinkedHashMap<>();
        Set<AdapterNaming> namings = EnumSet.noneOf(AdapterNaming.class);
        halvesA.forEach((name, a) -> {
            modules.put(name, pair(a, halvesB.remove(name)));
            AdapterNaming.of(a.module()).ifPresent(namings::add);
        });
        halvesB.values().forEach(b -> pair(b, null));
        if (namings.size() > 1) {
            throw PeftFaults.config(
                    file, "its keys mix the names of several generations of transformers");
        }
        AdapterNaming naming =
                namings.isEmpty() ? AdapterNaming.TRANSFORMERS_5 : namings.iterator().next();
        return new PeftAdapter(config.lora(), naming, modules);
    }

    private void readHalf(String key, Tensor tensor) {
        Matcher matcher = KEY.matcher(key);
        if (!matcher.matches()) {
            throw unexpected(key, "it is neither lora_A nor lora_B of a linear layer");
        }
        String module = matcher.group(1);
        if (!config.targets().test(module)) {
            throw unexpected(key, "target_modules of the configuration leaves its module out");
        }
        boolean isA = matcher.group(2).equals("A");
        Half half = new Half(key, module, floats(key, tensor));
        Half other = (isA ? halvesA : halvesB).put(TensorNames.canonical(module), half);
        if (other != null) {
            throw unexpected(key, "tensor " + other.key() + " is for the same module");
        }
    }

    private LoraPair pair(Half a, @Nullable Half b) {
        if (b == null) {
            throw PeftFaults.tensor(
                    file,
                    a.key(),
                    "ADAPTER_TENSOR_MISSING",
                    "the other one of the pair is missing");
        }
        int rank = config.rank(a.module());
        requireRank(a, a.tensor().shape(), 0, rank);
        requireRank(b, b.tensor().shape(), 1, rank);
        return new LoraPair(
                a.tensor(), b.tensor(), config.alpha(a.module()), config.lora().rankStabilized());
    }

    private void requireRank(Half half, Shape shape, int axis, int rank) {
        if (shape.get(axis) != rank) {
            throw PeftFaults.tensor(
                    file,
                    half.key(),
                    "ADAPTER_SHAPE_MISMATCH",
                    "its shape is %s where the configuration gives the rank %d"
                            .formatted(shape, rank));
        }
    }

    /** A copy in fp32. */
    private Tensor floats(String key, Tensor stored) {
        if (!WeightIndex.isFloating(stored.dtype())) {
            throw PeftFaults.tensor(
                    file, key, "TENSOR_TYPE_UNSUPPORTED", "its type is " + stored.dtype());
        }
        if (stored.shape().rank() != 2) {
            throw PeftFaults.tensor(
                    file, key, "ADAPTER_SHAPE_MISMATCH", "its shape is " + stored.shape());
        }
        float[] values = stored.toFloats();
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw PeftFaults.tensor(file, key, "ADAPTER_NOT_FINITE", "it holds " + value);
            }
        }
        return Tensor.of(stored.shape(), values);
    }

    private PlumblineException unexpected(String key, String what) {
        return PeftFaults.tensor(file, key, "ADAPTER_TENSOR_UNEXPECTED", what);
    }
}
