package dev.plumbline.server;

import dev.plumbline.engine.checkpoint.AdapterNaming;
import dev.plumbline.engine.checkpoint.LoraPair;
import dev.plumbline.engine.checkpoint.PeftAdapter;
import dev.plumbline.engine.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Copies of the demo's adapter with something changed. */
final class AdapterFolders {
    static final Path CURE = TestApi.demo().resolve("adapter");
    static final String CONFIG = "adapter_config.json";
    static final String TENSORS = "adapter_model.safetensors";

    private AdapterFolders() {}

    /** As it is. */
    static Path copy(Path target) throws IOException {
        Files.createDirectories(target);
        Files.copy(CURE.resolve(CONFIG), target.resolve(CONFIG));
        Files.copy(CURE.resolve(TENSORS), target.resolve(TENSORS));
        return target;
    }

    /** With every B multiplied. */
    static Path scaled(Path target, float factor) {
        return changed(
                target,
                modules -> {
                    modules.replaceAll((name, pair) ->
                            new LoraPair(
                                    pair.a(),
                                    times(pair.b(), factor),
                                    pair.alpha(),
                                    pair.rankStabilized()));
                    return modules;
                });
    }

    static Path changed(Path target, UnaryOperator<Map<String, LoraPair>> change) {
        PeftAdapter cure = PeftAdapter.read(CURE);
        Map<String, LoraPair> modules = change.apply(new TreeMap<>(cure.modules()));
        new PeftAdapter(cure.config(), AdapterNaming.TRANSFORMERS_5, modules).write(target);
        return target;
    }

    static Tensor times(Tensor tensor, float factor) {
        float[] values = tensor.toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
        return Tensor.of(tensor.shape(), values);
    }
}
