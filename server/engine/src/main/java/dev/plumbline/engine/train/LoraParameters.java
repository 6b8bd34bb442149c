package dev.plumbline.engine.train;

import dev.plumbline.engine.checkpoint.AdapterNaming;
import dev.plumbline.engine.checkpoint.LoraConfig;
import dev.plumbline.engine.checkpoint.LoraPair;
import dev.plumbline.engine.checkpoint.PeftAdapter;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.model.LoraTensors;
import dev.plumbline.engine.model.Projections;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** The numbers that are trained: A and B of each adapted layer, and the tensors graphs are fed. */
final class LoraParameters {
    private final LoraConfig config;
    private final AdapterNaming naming;
    private final List<Parameter> parameters;

    private LoraParameters(LoraConfig config, AdapterNaming naming, List<Parameter> parameters) {
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
                        .map(folder -> of(LoraAdapter.read(model, folder).peft()))
                        .orElseGet(() -> fresh(model, settings, seed));
        parameters.feed();
        return parameters;
    }

    private static LoraParameters of(PeftAdapter adapter) {
        List<Parameter> parameters = new ArrayList<>();
        adapter.modules()
                .forEach((module, pair) -> {
                    parameters.add(Parameter.of(module, true, pair));
                    parameters.add(Parameter.of(module, false, pair));
                });
        return new LoraParameters(adapter.config(), adapter.naming(), parameters);
    }

    private static LoraParameters fresh(LoadedModel model, LoraSettings settings, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        LoraConfig config =
                LoraConfig.of(model.folder().toString(), settings.rank(), settings.alpha());
        Map<String, LoraPair> modules = new LinkedHashMap<>();
        chosen(model, settings)
                .forEach((module, shape) -> {
                    Shape a = Shape.of(settings.rank(), shape.get(1));
                    Shape b = Shape.of(shape.get(0), settings.rank());
                    modules.put(
                            module, config.pair(uniform(a, random), Tensor.zeros(DType.F32, b)));
                });
        return of(new PeftAdapter(config, AdapterNaming.TRANSFORMERS_5, modules));
    }

    private static Map<String, Shape> chosen(LoadedModel model, LoraSettings settings) {
        Map<String, Shape> modules = new LinkedHashMap<>();
        TreeSet<String> known = new TreeSet<>();
        model.linearModules()
                .forEach((module, shape) -> {
                    String target = module.substring(module.lastIndexOf('.') + 1);
                    known.add(target);
                    if (settings.targets().isEmpty() || settings.targets().contains(target)) {
                        modules.put(module, shape);
                    }
                });
        for (String target : settings.targets()) {
            if (!known.contains(target)) {
                throw PlumblineException.invalid(
                        "targets",
                        "TARGET_NOT_FOUND",
                        "targets: the model has no layer %s; it has %s".formatted(target, known));
            }
        }
        return modules;
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
