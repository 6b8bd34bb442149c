package dev.plumbline.server.service;

import dev.plumbline.engine.error.PlumblineException;
import java.util.HashMap;
import java.util.Map;

/** Failures of the engine, told in the terms of a request. */
final class Failures {
    private Failures() {}

    /**
     * The same failure with the request field at fault. What the engine names, such as a row's
     * field, becomes {@code detail}.
     */
    static PlumblineException at(PlumblineException e, String field) {
        if (e.field().filter(f -> f.startsWith("spec.")).isPresent()) {
            return e;
        }
        Map<String, String> metadata = new HashMap<>(e.metadata());
        String detail = metadata.put("field", field);
        if (detail != null && !detail.equals(field)) {
            metadata.put("detail", detail);
        }
        return new PlumblineException(e.code(), e.reason(), message(e), metadata).causedBy(e);
    }

    /** The same failure with a run's setting, as the engine calls it, in the request's terms. */
    static PlumblineException inSpec(PlumblineException e) {
        return e.field().filter(f -> !f.startsWith("spec.")).map(f -> at(e, "spec." + f)).orElse(e);
    }

    /** What a person may read of a failure. */
    static String message(PlumblineException e) {
        String message = e.getMessage();
        return message == null ? e.reason() : message;
    }
}
