package dev.plumbline.engine.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.model.Projections;
import dev.plumbline.engine.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterStackTest {
    @TempDir static Path cache;

    private static ServingWorld world;
    private static LoraAdapter first;
    private static LoraAdapter second;

    @BeforeAll
    static void load() throws IOException {
        world = new ServingWorld(cache);
        first = world.adapters.get(1).orElseThrow();
        second = world.adapters.get(2).orElseThrow();
    }

    @AfterAll
    static void close() {
        world.close();
    }

    @Test
    void eachSequenceGetsTheProductOfItsOwnAdapter() {
        AdapterStack stack = AdapterStack.of(List.of(first, second));
        Tensor mask =
                stack.mask(List.of(Optional.of(second), Optional.empty(), Optional.of(first)));
        assertThat(stack.modules())
                .isEqualTo(
                        Stream.of(first, second)
                                .flatMap(a -> a.tensors().modules().stream())
                                .collect(Collectors.toSet()));
        for (String module : stack.modules()) {
            double[] none = product(module, stack.inputs(), mask, 1);
            assertThat(none).containsOnly(0);
            compare(product(module, stack.inputs(), mask, 0), second, module);
            compare(product(module, stack.inputs(), mask, 2), first, module);
        }
    }

    @Test
    void anAdapterAloneIsNotCopied() {
        Map<String, Tensor> own = first.tensors().inputs();
        AdapterStack alone = AdapterStack.of(List.of(first));
        long shared =
                alone.inputs().entrySet().stream()
                        .filter(e -> own.get(e.getKey()) == e.getValue())
                        .count();
        assertThat(shared).isPositive();
        assertThat(alone.mask(List.of(Optional.of(first))).toLongs()).containsOnly(1);
    }

    @Test
    void aStackServesItsPartsWhileTheyAreMostOfIt() {
        AdapterStack both = AdapterStack.of(List.of(first, second));
        assertThat(both.suits(List.of(first, second))).isTrue();
        assertThat(AdapterStack.of(List.of(first)).suits(List.of(first, second))).isFalse();
        boolean half = AdapterStack.of(List.of(first)).rank() * 2 >= both.rank();
        assertThat(both.suits(List.of(first))).isEqualTo(half);
        AdapterStacks stacks = new AdapterStacks();
        AdapterStack made = stacks.of(List.of(Optional.of(first), Optional.of(second)));
        assertThat(stacks.of(List.of(Optional.of(second), Optional.of(first)))).isSameAs(made);
        assertThat(stacks.of(List.of(Optional.empty()))).isSameAs(AdapterStack.NONE);
    }

    private static void compare(double[] product, LoraAdapter adapter, String module) {
        Map<String, Tensor> inputs = adapter.tensors().inputs();
        Tensor a = inputs.get(Projections.nameOfA(module));
        Tensor b = inputs.get(Projections.nameOfB(module));
        if (a == null || b == null) {
            assertThat(product).containsOnly(0);
            return;
        }
        double[] expected = product(a, b, r -> true);
        for (int i = 0; i < expected.length; i++) {
            assertThat(product[i]).isCloseTo(expected[i], within(1e-12));
        }
    }

    private static double[] product(
            String module, Map<String, Tensor> inputs, Tensor mask, int sequence) {
        Tensor a =
                Stream.of(Projections.nameOfA(module)).map(inputs::get).findFirst().orElseThrow();
        Tensor b =
                Stream.of(Projections.nameOfB(module)).map(inputs::get).findFirst().orElseThrow();
        int rank = (int) a.shape().get(0);
        return product(a, b, r -> mask.toLongs()[sequence * rank + r] == 1);
    }

    /** B A over the chosen ranks. */
    private static double[] product(Tensor a, Tensor b, IntPredicate chosen) {
        int rank = (int) a.shape().get(0);
        int in = (int) a.shape().get(1);
        int out = (int) b.shape().get(0);
        double[] product = new double[out * in];
        for (int r = 0; r < rank; r++) {
            if (!chosen.test(r)) {
                continue;
            }
            for (int o = 0; o < out; o++) {
                for (int i = 0; i < in; i++) {
                    product[o * in + i] +=
                            (double) b.getFloat((long) o * rank + r)
                                    * a.getFloat((long) r * in + i);
                }
            }
        }
        return product;
    }
}
