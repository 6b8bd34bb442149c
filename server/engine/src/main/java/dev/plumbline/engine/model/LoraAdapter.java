package dev.plumbline.engine.model;

import dev.plumbline.engine.checkpoint.PeftAdapter;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A PEFT adapter that fits a model, ready to be fed to its graphs. */
public final class LoraAdapter {
    private final PeftAdapter peft;
    private final LoraTensors tensors;
    private final String digest;

    private LoraAdapter(PeftAdapter peft, LoraTensors tensors) {
        this.peft = peft;
        this.tensors = tensors;
        this.digest = peft.digest();
    }

    /**
     * Reads a PEFT folder.
     *
     * @throws PlumblineException {@code ADAPTER_MISMATCH} where it changes layers that the model
     *     does not have, or of other sizes
     */
    public static LoraAdapter read(LoadedModel model, Path folder) {
        return of(model, PeftAdapter.read(folder), folder);
    }

    /**
     * Takes what was read from a folder.
     *
     * @throws PlumblineException {@code ADAPTER_MISMATCH}
     */
    public static LoraAdapter of(LoadedModel model, PeftAdapter peft, Path folder) {
        peft.modules()
                .forEach((module, pair) ->
                        requireFits(model, folder, module, pair.a().shape(), pair.b().shape()));
        return of(peft);
    }

    /** One that was made for the model that it is fed to. */
    public static LoraAdapter of(PeftAdapter peft) {
        Map<String, Tensor> inputs = new HashMap<>();
        peft.modules()
                .forEach((module, pair) -> {
                    inputs.put(Projections.nameOfA(module), pair.a());
                    inputs.put(Projections.nameOfB(module), scaled(pair.b(), pair.scaling()));
                });
        return new LoraAdapter(peft, new LoraTensors(peft.modules().keySet(), inputs));
    }

    private static void requireFits(
            LoadedModel model, Path folder, String module, Shape a, Shape b) {
        Shape layer = model.linearModules().get(module);
        if (layer == null || a.get(1) != layer.get(1) || b.get(0) != layer.get(0)) {
            throw new PlumblineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "ADAPTER_MISMATCH",
                    "the adapter in %s changes %s (A %s, B %s); the model has %s: it was made for another model"
                            .formatted(
                                    folder, module, a, b, layer == null ? "no such layer" : layer),
                    Map.of("path", folder.toString(), "module", module));
        }
    }

    private static Tensor scaled(Tensor b, double scaling) {
        float[] values = b.toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] *= (float) scaling;
        }
        Tensor tensor = Tensor.zeros(DType.F32, b.shape());
        tensor.copyFrom(values);
        return tensor;
    }

    /** What the model's graphs are fed. */
    public LoraTensors tensors() {
        return tensors;
    }

    /** As it is on disk. */
    public PeftAdapter peft() {
        return peft;
    }

    public int rank() {
        return peft.config().rank();
    }

    public double alpha() {
        return peft.config().alpha();
    }

    /** Last parts of the changed layers' names, such as {@code q_proj}. */
    public List<String> targets() {
        return peft.targets();
    }

    public long parameters() {
        return peft.parameters();
    }

    /** SHA-256 of what the adapter computes. */
    public String digest() {
        return digest;
    }
}
