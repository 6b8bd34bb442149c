package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Names such as {@code models/llava}. */
final class ResourceNames {
    private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");

    private ResourceNames() {}

    /**
     * The last part of a name that a client gave; the part alone is taken too.
     *
     * @param collection such as {@code models}
     * @param field of the request, for the refusal
     */
    static String id(String collection, String name, String field) {
        if (name.isBlank()) {
            throw PlumblineException.invalid(
                    field,
                    "FIELD_MISSING",
                    "%s must be given, as %s/ID".formatted(field, collection));
        }
        String prefix = collection + "/";
        String id = name.startsWith(prefix) ? name.substring(prefix.length()) : name;
        if (id.isEmpty() || id.contains("/")) {
            throw PlumblineException.invalid(
                    field,
                    "RESOURCE_NAME_INVALID",
                    "%s is \"%s\", which is not of the form %s/ID"
                            .formatted(field, name, collection),
                    Map.of("name", name));
        }
        return id;
    }

    /** An id that a client chose. */
    static String checkedId(String id, String field) {
        if (!ID.matcher(id).matches()) {
            throw PlumblineException.invalid(
                    field,
                    "RESOURCE_ID_INVALID",
                    "%s is \"%s\": use 1 to 63 of a-z, 0-9, '.', '_' and '-', a letter or digit first"
                            .formatted(field, id),
                    Map.of("id", id));
        }
        return id;
    }

    /** An id made of a folder's name. */
    static String idOf(Path folder, String fallback) {
        Path name = folder.getFileName();
        String id =
                (name == null ? "" : name.toString())
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9._-]+", "-")
                        .replaceAll("^[-._]+|[-.]+$", "");
        id = id.length() > 63 ? id.substring(0, 63) : id;
        return id.isEmpty() ? fallback : id;
    }

    /**
     * @param kind such as {@code model}
     * @param available names of what there is
     */
    static PlumblineException notFound(
            String kind, String name, String field, Collection<String> available) {
        String there = available.isEmpty() ? "none" : String.join(", ", available);
        return new PlumblineException(
                ErrorCode.NOT_FOUND,
                kind.toUpperCase(Locale.ROOT) + "_NOT_FOUND",
                "there is no %s \"%s\"; there is: %s".formatted(kind, name, there),
                Map.of(kind, name, "available", there, "field", field));
    }
}
