package dev.plumbline.engine.autodiff;

import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.Op;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * One way to use an operator, to be held against finite differences.
 *
 * @param make the value to differentiate, out of the inputs
 */
record GradientCase(Op op, String name, List<Input> inputs, Function<List<Value>, Value> make) {
    /** Sizes of the symbols that inputs may use. */
    static final Map<String, Long> SYMBOLS = Map.of("B", 2L, "S", 3L, "N", 4L);

    /** What an input is filled with: never so close to a kink that a small step crosses it. */
    enum Numbers {
        ANY,
        /** Away from 0, for logarithms and divisors. */
        POSITIVE,
        /** Multiples of 0.1 that are no {@link #EVEN_TENTHS}. */
        ODD_TENTHS,
        EVEN_TENTHS;

        float next(RandomGenerator random) {
            return switch (this) {
                case ANY -> (float) random.nextDouble(-1, 1);
                case POSITIVE -> (float) random.nextDouble(0.5, 2);
                case ODD_TENTHS -> 0.1f * (2 * random.nextInt(-5, 5) + 1);
                case EVEN_TENTHS -> 0.2f * random.nextInt(-5, 5);
            };
        }
    }

    record Input(Numbers numbers, List<Dim> dims) {
        Shape shape() {
            return new Shape(
                    dims.stream()
                            .map(dim ->
                                    switch (dim) {
                                        case Dim.Fixed(long size) -> size;
                                        case Dim.Symbol(String symbol) ->
                                                SYMBOLS.getOrDefault(symbol, 1L);
                                    })
                            .toList());
        }

        float[] values(RandomGenerator random) {
            float[] values = new float[Math.toIntExact(shape().elements())];
            for (int i = 0; i < values.length; i++) {
                values[i] = numbers.next(random);
            }
            return values;
        }
    }

    static Input any(Object... dims) {
        return new Input(Numbers.ANY, Dim.shape(dims));
    }

    static Input positive(Object... dims) {
        return new Input(Numbers.POSITIVE, Dim.shape(dims));
    }

    static Input oddTenths(Object... dims) {
        return new Input(Numbers.ODD_TENTHS, Dim.shape(dims));
    }

    static Input evenTenths(Object... dims) {
        return new Input(Numbers.EVEN_TENTHS, Dim.shape(dims));
    }

    @Override
    public String toString() {
        return op + " " + name + " " + inputs.stream().map(Input::dims).toList();
    }
}
