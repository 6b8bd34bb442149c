package dev.plumbline.engine.generate;

import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.model.Projections;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Several adapters as one: their A's and B's one after another along the rank, so that a batch of
 * sequences with different adapters takes one pass. Every adapter has one range of the rank for all
 * layers; where it changes a layer less, or not at all, there are zeros.
 */
final class AdapterStack {
    /** Of sequences without an adapter. */
    static final AdapterStack NONE = new AdapterStack(Map.of(), 0, Set.of(), Map.of());

    private final Map<String, Range> ranges;
    private final int rank;
    private final Set<String> modules;
    private final Map<String, Tensor> inputs;

    private record Range(int from, int to) {}

    private AdapterStack(
            Map<String, Range> ranges, int rank, Set<String> modules, Map<String, Tensor> inputs) {
        this.ranges = ranges;
        this.rank = rank;
        this.modules = modules;
        this.inputs = inputs;
    }

    /**
     * @param adapters each once
     */
    static AdapterStack of(List<LoraAdapter> adapters) {
        Map<String, Range> ranges = new LinkedHashMap<>();
        Set<String> modules = new TreeSet<>();
        int rank = 0;
        for (LoraAdapter adapter : adapters) {
            int own = rank(adapter);
            ranges.put(adapter.digest(), new Range(rank, rank + own));
            modules.addAll(adapter.tensors().modules());
            rank += own;
        }
        Map<String, Tensor> inputs = new HashMap<>();
        for (String module : modules) {
            stack(module, adapters, ranges, rank, inputs);
        }
        return new AdapterStack(ranges, rank, Set.copyOf(modules), inputs);
    }

    /** The largest of its layers'. */
    private static int rank(LoraAdapter adapter) {
        Map<String, Tensor> inputs = adapter.tensors().inputs();
        return adapter.tensors().modules().stream()
                .map(module -> Objects.requireNonNull(inputs.get(Projections.nameOfA(module))))
                .mapToInt(a -> Math.toIntExact(a.shape().get(0)))
                .max()
                .orElse(0);
    }

    private static void stack(
            String module,
            List<LoraAdapter> adapters,
            Map<String, Range> ranges,
            int rank,
            Map<String, Tensor> inputs) {
        String nameOfA = Projections.nameOfA(module);
        String nameOfB = Projections.nameOfB(module);
        for (LoraAdapter adapter : adapters) {
            Tensor a = adapter.tensors().inputs().get(nameOfA);
            Tensor b = adapter.tensors().inputs().get(nameOfB);
            if (a == null || b == null) {
                continue;
            }
            if (a.shape().get(0) == rank) {
                // The only one, and of full rank here: nothing needs a copy.
                inputs.put(nameOfA, a);
                inputs.put(nameOfB, b);
                return;
            }
            long in = a.shape().get(1);
            long out = b.shape().get(0);
            long own = a.shape().get(0);
            long from = range(ranges, adapter).from();
            inputs.computeIfAbsent(nameOfA, name -> Tensor.zeros(DType.F32, Shape.of(rank, in)))
                    .copyFrom(from * in, a, 0, own * in);
            Tensor all =
                    inputs.computeIfAbsent(
                            nameOfB, name -> Tensor.zeros(DType.F32, Shape.of(out, rank)));
            for (long row = 0; row < out; row++) {
                all.copyFrom(row * rank + from, b, row * own, own);
            }
        }
    }

    private static Range range(Map<String, Range> ranges, LoraAdapter adapter) {
        return Objects.requireNonNull(ranges.get(adapter.digest()));
    }

    /** The layers that any of them changes. */
    Set<String> modules() {
        return modules;
    }

    /** A's and B's by the names of the graph's inputs. */
    Map<String, Tensor> inputs() {
        return inputs;
    }

    int rank() {
        return rank;
    }

    /** Whether it holds these, and not much else. */
    boolean suits(List<LoraAdapter> adapters) {
        int needed = 0;
        for (LoraAdapter adapter : adapters) {
            Range range = ranges.get(adapter.digest());
            if (range == null) {
                return false;
            }
            needed += range.to() - range.from();
        }
        return rank <= 2 * needed;
    }

    /**
     * Which ranks hold for the sequences of a batch.
     *
     * @param adapters one a sequence
     * @return BOOL [B, 1, rank]
     */
    Tensor mask(List<Optional<LoraAdapter>> adapters) {
        Tensor mask = Tensor.zeros(DType.BOOL, Shape.of(adapters.size(), 1, rank));
        for (int i = 0; i < adapters.size(); i++) {
            if (adapters.get(i).isPresent()) {
                Range range = range(ranges, adapters.get(i).get());
                for (int r = range.from(); r < range.to(); r++) {
                    mask.setLong((long) i * rank + r, 1);
                }
            }
        }
        return mask;
    }
}
