package dev.plumbline.engine.checkpoint.jinja;

import java.util.HashMap;
import java.util.Map;

/** The one value whose attributes a template may set. */
record Namespace(Map<String, Object> attributes) {
    Namespace {
        attributes = new HashMap<>(attributes);
    }
}
