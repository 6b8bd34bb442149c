package dev.plumbline.server.service;

import dev.plumbline.engine.error.PlumblineException;
import java.util.HashMap;
import java.util.Map;

/** Failures of the engine, told in the terms of a request. */
final class Failures {
    private Failures() {}

    /** The same failure with the request field at fault, unless it names one. */
    static PlumblineException withField(PlumblineException e, String field) {
        Map<String, String> metadata = new HashMap<>(e.metadata());
        metadata.putIfAbsent("field", field);
        return new PlumblineException(e.code(), e.reason(), message(e), metadata).causedBy(e);
    }

    /** What a person may read of a failure. */
    static String message(PlumblineException e) {
        String message = e.getMessage();
        return message == null ? e.reason() : message;
    }
}
