package dev.plumbline.engine.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceExample.Place;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/**
 * The pictures of rows, as paths. One may come as a path, relative to a folder; as bytes; as
 * {bytes, path}, of which the bytes count; as a data URI; or as a list of one of them.
 */
final class RowPictures {
    private final Optional<Path> folder;
    private final ImageCache cache;

    /**
     * @param folder that paths are relative to; without one, the data file's
     */
    RowPictures(Optional<Path> folder, ImageCache cache) {
        this.folder = folder;
        this.cache = cache;
    }

    /**
     * Puts paths in the place of all pictures of a row of our layout.
     *
     * @throws PlumblineException {@code ROW_INVALID}, {@code IMAGE_NOT_FOUND}, or what is wrong
     *     with a picture's header; nothing is allocated for what it claims
     */
    void resolve(Place place, ObjectNode row) {
        row.put("image", path(place, "image", row.path("image")).toString());
        JsonNode negatives = row.path("negative_images");
        for (int i = 0; i < negatives.size() && negatives.isArray(); i++) {
            if (negatives.get(i) instanceof ObjectNode negative) {
                String field = "negative_images[" + i + "].image";
                negative.put("image", path(place, field, negative.path("image")).toString());
            }
        }
    }

    private Path path(Place place, String field, JsonNode value) {
        if (value.isArray()) {
            if (value.size() > 1) {
                throw RowFaults.invalid(
                        place, field, "holds %d pictures; a row has one".formatted(value.size()));
            }
            return path(place, field, value.path(0));
        }
        if (value.isBinary()) {
            return kept(place, field, bytes(place, field, value));
        }
        if (value.isObject() && given(value.path("bytes"))) {
            return kept(place, field, bytes(place, field, value.path("bytes")));
        }
        return value.isObject()
                ? file(place, field, value.path("path"))
                : file(place, field, value);
    }

    private static boolean given(JsonNode value) {
        return !value.isMissingNode() && !value.isNull();
    }

    private static byte[] bytes(Place place, String field, JsonNode value) {
        try {
            // In JSON they are a text, base64.
            byte[] bytes = value.isBinary() || value.isTextual() ? value.binaryValue() : null;
            if (bytes != null && bytes.length > 0) {
                return bytes;
            }
        } catch (IOException e) {
            throw RowFaults.invalid(place, field, "has bytes that are not base64").causedBy(e);
        }
        throw RowFaults.invalid(place, field, "has no bytes of a picture");
    }

    private Path file(Place place, String field, JsonNode value) {
        String name = PreferenceRows.text(place, field, value);
        if (name.startsWith("data:")) {
            return kept(place, field, dataUri(place, field, name));
        }
        String start = name.substring(0, Math.min(8, name.length())).toLowerCase(Locale.ROOT);
        if (start.startsWith("http://") || start.startsWith("https://")) {
            throw RowFaults.invalid(
                    place,
                    field,
                    "is an address on the network; fetch the picture and give its path");
        }
        Path image = resolve(place, field, name);
        if (!Files.isRegularFile(image)) {
            throw RowFaults.noImage(place, field, image);
        }
        try {
            cache.check(image);
        } catch (PlumblineException e) {
            throw RowFaults.image(place, field, e);
        }
        return image;
    }

    private Path resolve(Place place, String field, String name) {
        Path parent =
                folder.orElseGet(() ->
                        Optional.ofNullable(place.file().toAbsolutePath().getParent())
                                .orElse(Path.of("/")));
        try {
            return parent.toAbsolutePath().resolve(name);
        } catch (InvalidPathException e) {
            throw RowFaults.invalid(place, field, "is not a path: " + e.getReason()).causedBy(e);
        }
    }

    private static byte[] dataUri(Place place, String field, String uri) {
        int at = uri.indexOf(";base64,");
        if (at < 0) {
            throw RowFaults.invalid(place, field, "is a data URI without base64");
        }
        try {
            return Base64.getDecoder().decode(uri.substring(at + ";base64,".length()));
        } catch (IllegalArgumentException e) {
            throw RowFaults.invalid(place, field, "is a data URI that is not base64").causedBy(e);
        }
    }

    private Path kept(Place place, String field, byte[] bytes) {
        try {
            return cache.keep(bytes, "the picture").toAbsolutePath();
        } catch (PlumblineException e) {
            if (e.reason().equals("FILE_NOT_WRITABLE")) {
                throw e;
            }
            throw RowFaults.image(place, field, e);
        }
    }
}
