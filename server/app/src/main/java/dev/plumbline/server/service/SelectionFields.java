package dev.plumbline.server.service;

import dev.plumbline.engine.error.PlumblineException;
import java.util.Set;

/**
 * What a request calls the settings of a selection, for refusals.
 *
 * @param prefix such as {@code selection.}
 * @param options such as {@code selection.options}
 */
record SelectionFields(String prefix, String options) {
    /** Of mining and preview. */
    static final SelectionFields SELECTION = new SelectionFields("selection.", "selection.options");

    /** Of a training run. */
    static final SelectionFields SPEC = new SelectionFields("spec.", "spec.selector_options");

    private static final Set<String> SETTINGS = Set.of("pool", "clip", "k");

    String of(String setting) {
        return prefix + setting;
    }

    /** The same failure in the request's terms; of a selector's own, the selector is at fault. */
    PlumblineException at(PlumblineException e) {
        // A pool calls what it is made from its path.
        String field = e.field().map(it -> it.equals("path") ? "pool" : it).orElse("selector");
        if (field.startsWith(prefix) || field.equals("data") || field.startsWith("data.")) {
            return e;
        }
        return switch (e.code()) {
            case CANCELLED, INTERNAL, RESOURCE_EXHAUSTED -> e;
            default -> Failures.at(e, of(SETTINGS.contains(field) ? field : "selector"));
        };
    }
}
