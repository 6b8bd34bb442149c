package dev.plumbline.engine.generate;

import dev.plumbline.engine.model.LoraAdapter;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The last stacks of adapters, as the same ones meet again at every step. For one thread. */
final class AdapterStacks {
    private static final int MOST = 4;

    private final Deque<AdapterStack> kept = new ArrayDeque<>();

    /** A stack of those that some sequences have. */
    AdapterStack of(Collection<Optional<LoraAdapter>> sequences) {
        Map<String, LoraAdapter> distinct =
                sequences.stream()
                        .flatMap(Optional::stream)
                        .collect(Collectors.toMap(LoraAdapter::digest, a -> a, (a, b) -> a));
        if (distinct.isEmpty()) {
            return AdapterStack.NONE;
        }
        List<LoraAdapter> adapters =
                distinct.values().stream()
                        .sorted(Comparator.comparing(LoraAdapter::digest))
                        .toList();
        AdapterStack stack =
                kept.stream()
                        .filter(known -> known.suits(adapters))
                        .findFirst()
                        .orElseGet(() -> AdapterStack.of(adapters));
        kept.remove(stack);
        kept.addFirst(stack);
        if (kept.size() > MOST) {
            kept.removeLast();
        }
        return stack;
    }

    void clear() {
        kept.clear();
    }
}
