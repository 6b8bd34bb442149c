package dev.plumbline.engine.model;

import dev.plumbline.engine.checkpoint.LoraPair;
import dev.plumbline.engine.checkpoint.PeftAdapter;
import dev.plumbline.engine.checkpoint.PeftTargets;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * An adapter's tensors beside a model's layers, by name. Names are canonical, see {@link
 * dev.plumbline.engine.checkpoint.TensorNames}.
 *
 * @param baseModel that the adapter says it was made for; may be empty
 * @param matched tensors that change a layer of the model
 * @param unmatched tensors that do not, and why
 * @param missing layers of the model that the adapter's configuration names, and its file has no
 *     tensors for
 * @param silent whether every matched pair is zero, so that nothing can change
 */
public record AdapterMatch(
        String baseModel,
        List<String> matched,
        List<Unmatched> unmatched,
        List<String> missing,
        boolean silent) {
    /** More are counted and not named in a message. */
    private static final int TOLD = 4;

    public AdapterMatch {
        matched = List.copyOf(matched);
        unmatched = List.copyOf(unmatched);
        missing = List.copyOf(missing);
    }

    /** A tensor without a place in the model. */
    public record Unmatched(String tensor, String why) {
        @Override
        public String toString() {
            return "%s (%s)".formatted(tensor, why);
        }
    }

    /**
     * @param folder of the adapter
     */
    public static AdapterMatch of(LoadedModel model, PeftAdapter adapter, Path folder) {
        Map<String, Shape> layers = model.linearModules();
        List<String> matched = new ArrayList<>();
        List<Unmatched> unmatched = new ArrayList<>();
        boolean silent = true;
        for (Map.Entry<String, LoraPair> entry : adapter.modules().entrySet()) {
            LoraPair pair = entry.getValue();
            Shape layer = layers.get(entry.getKey());
            String a = entry.getKey() + ".lora_A.weight";
            String b = entry.getKey() + ".lora_B.weight";
            if (layer == null) {
                unmatched.add(new Unmatched(a, "the model has no such layer"));
                unmatched.add(new Unmatched(b, "the model has no such layer"));
                continue;
            }
            match(a, pair.a().shape(), 1, layer, matched, unmatched);
            match(b, pair.b().shape(), 0, layer, matched, unmatched);
            silent &= isZero(pair.a().toFloats()) || isZero(pair.b().toFloats());
        }
        List<String> missing =
                PeftTargets.of(folder, adapter, layers.keySet()).stream()
                        .filter(module -> !adapter.modules().containsKey(module))
                        .toList();
        return new AdapterMatch(adapter.config().baseModel(), matched, unmatched, missing, silent);
    }

    private static void match(
            String tensor,
            Shape shape,
            int axis,
            Shape layer,
            List<String> matched,
            List<Unmatched> unmatched) {
        if (shape.get(axis) == layer.get(axis)) {
            matched.add(tensor);
        } else {
            unmatched.add(
                    new Unmatched(
                            tensor, "its shape is %s, the layer's %s".formatted(shape, layer)));
        }
    }

    private static boolean isZero(float[] values) {
        for (float value : values) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether each tensor has its layer, and each layer its tensors. */
    public boolean isComplete() {
        return unmatched.isEmpty() && missing.isEmpty();
    }

    /**
     * Refuses an adapter that was made for another model.
     *
     * @throws PlumblineException {@code ADAPTER_MISMATCH}, {@code ADAPTER_TENSOR_MISSING}
     */
    public void requireComplete(LoadedModel model, Path folder) {
        if (!unmatched.isEmpty()) {
            throw refused(
                    "ADAPTER_MISMATCH",
                    model,
                    folder,
                    "%d of its %d tensors have no place in the model: %s"
                            .formatted(
                                    unmatched.size(),
                                    unmatched.size() + matched.size(),
                                    told(unmatched)),
                    unmatched.getFirst().tensor());
        }
        if (!missing.isEmpty()) {
            throw refused(
                    "ADAPTER_TENSOR_MISSING",
                    model,
                    folder,
                    "it has no tensors for %d layers that its target_modules name: %s"
                            .formatted(missing.size(), told(missing)),
                    missing.getFirst());
        }
    }

    private PlumblineException refused(
            String reason, LoadedModel model, Path folder, String what, String first) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                reason,
                "the adapter in %s does not fit %s: %s. It says that it was made for %s; load it for that model"
                        .formatted(
                                folder,
                                model.folder(),
                                what,
                                baseModel.isEmpty() ? "no model in particular" : baseModel),
                Map.of(
                        "path", folder.toString(),
                        "tensor", first,
                        "base_model", baseModel,
                        "model_folder", model.folder().toString(),
                        "unmatched", Integer.toString(unmatched.size()),
                        "missing", Integer.toString(missing.size())));
    }

    private static String told(List<?> names) {
        String first =
                names.stream().limit(TOLD).map(Object::toString).collect(Collectors.joining(", "));
        return names.size() > TOLD ? first + " and %d more".formatted(names.size() - TOLD) : first;
    }
}
