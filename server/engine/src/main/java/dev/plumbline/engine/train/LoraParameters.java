package dev.plumbline.engine.train;

import dev.plumbline.engine.checkpoint.AdapterNaming;
import dev.plumbline.engine.checkpoint.LoraConfig;
import dev.plumbline.engine.checkpoint.LoraPair;
import dev.plumbline.engine.checkpoint.PeftAdapter;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.model.LoraDropout;
import dev.plumbline.engine.model.LoraTensors;
import dev.plumbline.engine.model.Projections;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/** The numbers that are trained: A and B of each adapted layer, and the tensors graphs are fed. */
final class LoraParameters {
    private final LoraConfig config;
    private final AdapterNaming naming;
    private final List<Parameter> parameters;
    private final long seed;
    private Optional<LoraDropout> dropout = Optional.empty();

    private LoraParameters(
            LoraConfig config, AdapterNaming naming, List<Parameter> parameters, long seed) {
        this.seed = seed;
        this.config = config;
        this.naming = naming;
        this.parameters = parameters;
    }

    /**
     * @param factor what the graph is fed is {@code factor * values}
     * @param pair where it comes from, for what is written
     */
    @SuppressWarnings("ArrayRecordComponent") // The very arrays that the optimizer moves.
    private record Parameter(
            String module, boolean isA, LoraPair pair, float[] values, double factor, Tensor fed) {
        static Parameter of(String module, boolean isA, LoraPair pair) {
            Tensor tensor = isA ? pair.a() : pair.b();
            return new Parameter(
                    module,
                    isA,
                    pair,
                    tensor.toFloats(),
                    isA ? 1 : pair.scaling(),
                    Tensor.zeros(DType.F32, tensor.shape()));
        }

        String inputName() {
            return isA ? Projections.nameOfA(module) : Projections.nameOfB(module);
        }

        void feed() {
            float[] scaled = values.clone();
            for (int i = 0; i < scaled.length; i++) {
                scaled[i] *= (float) factor;
            }
            fed.copyFrom(scaled);
        }

        Tensor tensor() {
            return Tensor.of(fed.shape(), values);
        }
    }

    /** From the adapter to start from, or as peft starts: A Kaiming-uniform, B zero. */
    static LoraParameters of(LoadedModel model, LoraSettings settings, long seed) {
        LoraParameters parameters =
                settings.initAdapter()
                        .map(folder -> LoraAdapter.read(model, folder).peft())
                        .map(adapter -> of(withDropout(adapter, settings.dropout()), seed))
                        .orElseGet(() -> fresh(model, settings, seed));
        parameters.feed();
        parameters.beginStep(0);
        return parameters;
    }

    private static PeftAdapter withDropout(PeftAdapter adapter, double dropout) {
        return new PeftAdapter(
                adapter.config().withDropout(dropout), adapter.naming(), adapter.modules());
    }

    private static LoraParameters of(PeftAdapter adapter, long seed) {
        List<Parameter> parameters = new ArrayList<>();
        adapter.modules()
                .forEach((module, pair) -> {
                    parameters.add(Parameter.of(module, true, pair));
                    parameters.add(Parameter.of(module, false, pair));
                });
        return new LoraParameters(adapter.config(), adapter.naming(), parameters, seed);
    }

    private static LoraParameters fresh(LoadedModel model, LoraSettings settings, long seed) {
        SplittableRandom generator = new SplittableRandom(seed);
        LoraShape shape = settings.shape();
        LoraConfig config =
                new LoraConfig(
                        model.folder().toString(),
                        shape.rank(),
                        shape.alpha(),
                        settings.dropout(),
                        shape.rankStabilized());
        Map<String, LoraPair> modules = new LinkedHashMap<>();
        for (LoraModules.Module module : LoraModules.of(model, settings)) {
            Shape a = Shape.of(module.rank(), module.shape().get(1));
            Shape b = Shape.of(module.shape().get(0), module.rank());
            Tensor random = uniform(a, generator);
            modules.put(module.name(), module.pair(random, Tensor.zeros(DType.F32, b), config));
        }
        return of(new PeftAdapter(config, AdapterNaming.TRANSFORMERS_5, modules), seed);
    }

    /** Kaiming-uniform with a = sqrt(5), which is a bound of 1 / sqrt(fan in). */
    private static Tensor uniform(Shape shape, SplittableRandom random) {
        double bound = 1 / Math.sqrt((double) shape.get(1));
        float[] values = new float[Math.toIntExact(shape.elements())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-bound, bound);
        }
        return Tensor.of(shape, values);
    }

    /** The values themselves, to be moved in place; call {@link #feed} afterwards. */
    List<float[]> values() {
        return parameters.stream().map(Parameter::values).toList();
    }

    /** Names of the graph's inputs, in the order of {@link #values}. */
    List<String> inputNames() {
        return parameters.stream().map(Parameter::inputName).toList();
    }

    /** How a change of a value changes what the graph is fed, in the order of {@link #values}. */
    List<Double> factors() {
        return parameters.stream().map(Parameter::factor).toList();
    }

    long count() {
        return parameters.stream().mapToLong(p -> p.values().length).sum();
    }

    /** Brings the tensors that graphs are fed up to the values. */
    void feed() {
        parameters.forEach(Parameter::feed);
    }

    /** Whether training drops some of what enters the layers. */
    boolean drops() {
        return config.dropout() > 0;
    }

    /** Draws another dropout, a function of the seed and this number. */
    void beginStep(long step) {
        if (drops()) {
            Map<String, Integer> widths = new LinkedHashMap<>();
            for (Parameter parameter : parameters) {
                if (parameter.isA()) {
                    long width = parameter.fed().shape().get(1);
                    widths.put(parameter.module(), Math.toIntExact(width));
                }
            }
            dropout = Optional.of(new LoraDropout(config.dropout(), seed, step, widths));
        }
    }

    /** {@link #tensors} with the dropout of the step. */
    LoraTensors trainingTensors() {
        LoraTensors tensors = tensors();
        return new LoraTensors(tensors.modules(), tensors.inputs(), dropout);
    }

    /** What graphs are fed; the same tensors before and after {@link #feed}. */
    LoraTensors tensors() {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        parameters.forEach(p -> inputs.put(p.inputName(), p.fed()));
        List<String> modules = parameters.stream().map(Parameter::module).distinct().toList();
        return new LoraTensors(Set.copyOf(modules), inputs);
    }

    /** A snapshot as peft reads it. */
    PeftAdapter adapter() {
        Map<String, LoraPair> modules = new LinkedHashMap<>();
        for (int i = 0; i < parameters.size(); i += 2) {
            Parameter a = parameters.get(i);
            modules.put(
                    a.module(),
                    new LoraPair(
                            a.tensor(),
                            parameters.get(i + 1).tensor(),
                            a.pair().alpha(),
                            a.pair().rankStabilized()));
        }
        return new PeftAdapter(config, naming, modules);
    }
}
