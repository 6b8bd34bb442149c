package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.expr.DeclaredOptions;
import dev.plumbline.engine.train.LossCatalog;
import dev.plumbline.server.store.LossSettings;
import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.PreferenceLoss;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Gives each option of a run to the losses that it is meant for: {@code loss.option} to that loss,
 * {@code option} to every loss that has it. The former wins.
 */
final class LossOptions {
    private static final String FIELD = "spec.loss_options";

    private final Map<String, PreferenceLoss> losses = new LinkedHashMap<>();
    private final Map<String, String> qualified = new TreeMap<>();

    private LossOptions(List<String> names, LossCatalog catalog) {
        for (String name : names) {
            losses.put(
                    name,
                    catalog.loss(name)
                            .orElseThrow(() ->
                                    ResourceNames.notFound(
                                            "loss", name, "spec.loss", catalog.names())));
        }
    }

    /**
     * @param names of the losses in the run's expression
     * @return options by {@code loss.option}, all known and within range
     */
    static Map<String, String> resolve(
            LossSettings settings, List<String> names, LossCatalog catalog) {
        var options = new LossOptions(names, catalog);
        Double beta = settings.beta();
        if (beta != null) {
            options.toAll("beta", Double.toString(beta), "spec.beta");
        }
        settings.options().forEach((key, value) -> options.put(key, value, false));
        settings.options().forEach((key, value) -> options.put(key, value, true));
        options.check();
        return options.qualified;
    }

    private void put(String key, String value, boolean named) {
        int dot = key.indexOf('.');
        if (dot < 0 && !named) {
            toAll(key, value, FIELD);
        } else if (dot >= 0 && named) {
            if (!losses.containsKey(key.substring(0, dot))) {
                throw unknown(key, FIELD);
            }
            qualified.put(key, value);
        }
    }

    private void toAll(String option, String value, String field) {
        List<String> takers =
                losses.entrySet().stream()
                        .filter(e -> declares(e.getValue(), option))
                        .map(Map.Entry::getKey)
                        .toList();
        if (takers.isEmpty()) {
            throw unknown(option, field);
        }
        takers.forEach(loss -> qualified.put(loss + "." + option, value));
    }

    private void check() {
        losses.forEach((name, loss) -> {
            try {
                DeclaredOptions.of(name, loss.options(), of(name));
            } catch (PlumblineException e) {
                throw Failures.at(e, FIELD);
            }
        });
    }

    private Map<String, String> of(String loss) {
        String prefix = loss + ".";
        var own = new TreeMap<String, String>();
        qualified.forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                own.put(key.substring(prefix.length()), value);
            }
        });
        return own;
    }

    private static boolean declares(PreferenceLoss loss, String option) {
        return loss.options().stream().map(OptionSpec::name).anyMatch(option::equals);
    }

    private PlumblineException unknown(String key, String field) {
        var valid = new TreeSet<String>();
        losses.forEach((n, l) -> l.options().forEach(o -> valid.add(n + "." + o.name())));
        String list = String.join(", ", new ArrayList<>(valid));
        return new PlumblineException(
                ErrorCode.INVALID_ARGUMENT,
                "UNKNOWN_OPTION",
                "no loss of this run has an option \"%s\"; they have: %s".formatted(key, list),
                Map.of("option", key, "available", list, "field", field));
    }
}
