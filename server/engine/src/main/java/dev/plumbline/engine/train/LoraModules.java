package dev.plumbline.engine.train;

import dev.plumbline.engine.checkpoint.AdapterNaming;
import dev.plumbline.engine.checkpoint.LoraConfig;
import dev.plumbline.engine.checkpoint.LoraPair;
import dev.plumbline.engine.checkpoint.ModuleChoice;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Which layers a fresh adapter changes, and how large it is on each: chosen as peft chooses. What
 * is named and matches nothing is an error, where peft would go on without it.
 */
final class LoraModules {
    private final Map<String, Shape> linear;
    private final LoraSettings settings;

    private LoraModules(Map<String, Shape> linear, LoraSettings settings) {
        this.linear = linear;
        this.settings = settings;
    }

    /**
     * A layer that is changed.
     *
     * @param shape of its weight, [out, in]
     */
    record Module(String name, Shape shape, int rank, double alpha) {
        LoraPair pair(Tensor a, Tensor b, LoraConfig config) {
            return new LoraPair(a, b, alpha, config.rankStabilized());
        }
    }

    /** In the order of the graph. */
    static List<Module> of(LoadedModel model, LoraSettings settings) {
        return new LoraModules(model.linearModules(), settings).modules();
    }

    private List<Module> modules() {
        List<String> chosen = chosen();
        LoraShape shape = settings.shape();
        Map<String, Integer> ranks = byModule("rank_pattern", shape.rankPattern(), chosen);
        Map<String, Double> alphas = byModule("alpha_pattern", shape.alphaPattern(), chosen);
        List<Module> modules = new ArrayList<>();
        linear.forEach((name, weight) -> {
            if (chosen.contains(name)) {
                modules.add(
                        new Module(
                                name,
                                weight,
                                ranks.getOrDefault(name, shape.rank()),
                                alphas.getOrDefault(name, shape.alpha())));
            }
        });
        return modules;
    }

    private List<String> chosen() {
        Set<String> targets =
                new HashSet<>(matched("targets", settings.targets(), linear.keySet()));
        targets.removeAll(
                settings.excluded().isEmpty()
                        ? Set.of()
                        : matched("exclude_modules", settings.excluded(), targets));
        if (targets.isEmpty()) {
            throw PlumblineException.invalid(
                    "exclude_modules",
                    "TARGET_NOT_FOUND",
                    "exclude_modules leaves no layer to train; exclude fewer");
        }
        return linear.keySet().stream().filter(targets::contains).toList();
    }

    private List<String> matched(String field, ModuleChoice choice, Set<String> among) {
        if (choice.isEmpty() || choice.names().equals(List.of(ModuleChoice.ALL_LINEAR))) {
            return List.copyOf(among);
        }
        List<ModuleChoice> parts =
                choice.names().isEmpty()
                        ? List.of(choice)
                        : choice.names().stream()
                                .map(name -> ModuleChoice.of(List.of(name)))
                                .toList();
        List<String> all = new ArrayList<>();
        for (ModuleChoice part : parts) {
            List<String> matched = matching(among, part.compiled(fault(field)));
            if (matched.isEmpty()) {
                String what = part.names().isEmpty() ? part.pattern() : part.names().getFirst();
                throw notFound(field, what, among);
            }
            all.addAll(matched);
        }
        return all;
    }

    private static List<String> matching(Iterable<String> modules, Predicate<String> choice) {
        List<String> matched = new ArrayList<>();
        for (String module : modules) {
            if (AdapterNaming.allNames(module).stream().anyMatch(choice)) {
                matched.add(module);
            }
        }
        return matched;
    }

    /** The first pattern that matches a layer holds. */
    private <T> Map<String, T> byModule(
            String field, Map<String, T> patterns, List<String> chosen) {
        Map<String, T> values = new LinkedHashMap<>();
        patterns.forEach((pattern, value) -> {
            List<String> matched = matching(chosen, ModuleChoice.ending(pattern, fault(field)));
            if (matched.isEmpty()) {
                throw notFound(field, pattern, chosen);
            }
            matched.forEach(module -> values.putIfAbsent(module, value));
        });
        return values;
    }

    private static Function<String, PlumblineException> fault(String field) {
        return what -> PlumblineException.invalid(field, "PATTERN_INVALID", field + ": " + what);
    }

    private static PlumblineException notFound(
            String field, String what, Iterable<String> modules) {
        TreeSet<String> known = new TreeSet<>();
        modules.forEach(module -> known.add(module.substring(module.lastIndexOf('.') + 1)));
        String example = AdapterNaming.allNames(modules.iterator().next()).getFirst();
        return PlumblineException.invalid(
                field,
                "TARGET_NOT_FOUND",
                "%s: the model has no layer %s; it has %s, the first of them %s"
                        .formatted(field, what, known, example));
    }
}
