package dev.plumbline.engine.model;

import dev.plumbline.engine.checkpoint.Storage;
import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.graph.Node;
import dev.plumbline.engine.graph.Op;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.tensor.Precision;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How each weight of a model is kept, as its decoder uses it: matrices that hidden states are
 * multiplied with in the precision that was chosen, the head in eight bits at least; tables whose
 * rows are only looked up as they are stored; the vision tower, norms and biases in fp32.
 */
final class StoragePlan {
    private final Set<String> layers;
    private final Set<String> multiplied = new HashSet<>();
    private final Set<String> lookedUp = new HashSet<>();
    private final Set<String> otherwiseUsed = new HashSet<>();

    private StoragePlan(Set<String> layers, Graph decoder) {
        this.layers = layers;
        Set<Value> weights = new HashSet<>(decoder.weights());
        for (Node node : decoder.nodes()) {
            for (int place = 0; place < node.inputs().size(); place++) {
                Value input = node.input(place);
                if (weights.contains(input)) {
                    uses(node.op(), place).add(input.name());
                }
            }
        }
    }

    /** Ways by canonical name; a head that is tied to the embedding is kept in two. */
    static Map<String, Set<Storage>> of(ModelFamily family, Precision precision) {
        Set<String> layers =
                family.linearModules().keySet().stream()
                        .map(module -> module + ".weight")
                        .collect(Collectors.toSet());
        StoragePlan plan = new StoragePlan(layers, family.decoder(Set.of()));
        Map<String, Set<Storage>> wanted = new LinkedHashMap<>();
        family.tensors().keySet().forEach(name -> wanted.put(name, plan.storages(name, precision)));
        return wanted;
    }

    private Set<Storage> storages(String name, Precision precision) {
        Set<Storage> storages = EnumSet.noneOf(Storage.class);
        if (multiplied.contains(name)) {
            storages.add(
                    switch (precision.stored()) {
                        case INT8, W8A8 -> Storage.INT8;
                        // The head in four bits would make a fifth of the whole error.
                        case INT4, W4A8 -> layers.contains(name) ? Storage.INT4 : Storage.INT8;
                        case FP32 -> Storage.FP32;
                    });
        }
        if (lookedUp.contains(name) && !storages.contains(Storage.FP32)) {
            storages.add(Storage.AS_STORED);
        }
        if (storages.isEmpty() || otherwiseUsed.contains(name)) {
            storages.add(Storage.FP32);
            storages.remove(Storage.AS_STORED);
        }
        return storages;
    }

    private Set<String> uses(Op op, int place) {
        if (op == Op.MATMUL && place == 1) {
            return multiplied;
        }
        return op == Op.GATHER && place == 0 ? lookedUp : otherwiseUsed;
    }
}
