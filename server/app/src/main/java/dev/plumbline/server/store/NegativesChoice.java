package dev.plumbline.server.store;

import dev.plumbline.engine.error.PlumblineException;
import java.util.Map;
import java.util.TreeMap;

/**
 * Negatives for rows that have none.
 *
 * @param selector empty leaves the rows as they are
 * @param pool resource name, or folder of candidate images; empty without a selector
 */
public record NegativesChoice(String selector, String pool, int k, Map<String, String> options) {
    public static final int DEFAULT_K = 3;

    public NegativesChoice {
        options = new TreeMap<>(options);
        SpecChecks.atLeast("spec.k", k, 1);
        if (!selector.isEmpty()) {
            SpecChecks.present("spec.pool", pool);
        } else if (!pool.isEmpty() || !options.isEmpty()) {
            throw PlumblineException.invalid(
                    "spec.selector",
                    "FIELD_MISSING",
                    "spec.selector must say how negatives are chosen from spec.pool");
        }
    }

    /** Whether rows without negatives get some. */
    public boolean wanted() {
        return !selector.isEmpty();
    }
}
