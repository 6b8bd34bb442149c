package dev.plumbline.engine.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.util.Map;

/** Reads fields of a {@code config.json}, with transformers' defaults where they are absent. */
record ConfigReader(JsonNode node, String path) {
    ConfigReader(JsonNode node) {
        this(node, "");
    }

    ConfigReader child(String key) {
        return new ConfigReader(
                node.hasNonNull(key) ? node.get(key) : MissingNode.getInstance(), path + key + ".");
    }

    boolean has(String key) {
        return node.hasNonNull(key);
    }

    int size(String key, int absent) {
        JsonNode value = node.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return absent;
        }
        if (!value.isIntegralNumber() || value.asInt() <= 0) {
            throw unsupported(key, value.toString(), "a whole number above 0");
        }
        return value.asInt();
    }

    /** A token's id: a whole number from 0. */
    int id(String key, int absent) {
        JsonNode value = node.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return absent;
        }
        if (!value.isIntegralNumber() || value.asInt() < 0) {
            throw unsupported(key, value.toString(), "a whole number from 0");
        }
        return value.asInt();
    }

    /** A finite number above 0. */
    double number(String key, double absent) {
        JsonNode value = node.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return absent;
        }
        if (!value.isNumber() || !(value.asDouble() > 0) || Double.isInfinite(value.asDouble())) {
            throw unsupported(key, value.toString(), "a number above 0");
        }
        return value.asDouble();
    }

    boolean flag(String key, boolean absent) {
        JsonNode value = node.path(key);
        return value.isBoolean() ? value.asBoolean() : absent;
    }

    String text(String key, String absent) {
        JsonNode value = node.path(key);
        return value.isTextual() ? value.asText() : absent;
    }

    PlumblineException unsupported(String key, String value, String supported) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "MODEL_UNSUPPORTED",
                "config.json: %s%s is %s; supported: %s".formatted(path, key, value, supported),
                Map.of("file", "config.json", "key", path + key, "value", value));
    }
}
