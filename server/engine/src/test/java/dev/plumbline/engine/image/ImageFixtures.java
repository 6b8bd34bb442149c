package dev.plumbline.engine.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** What {@code src/test/python/make_image_fixtures.py} wrote. */
final class ImageFixtures {
    private ImageFixtures() {}

    static byte[] bytes(String file) {
        try (InputStream stream = ImageFixtures.class.getResourceAsStream("/image/" + file)) {
            return Objects.requireNonNull(stream, file).readAllBytes();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static Picture picture(String file) {
        return ImageDecoder.decode(bytes(file), file);
    }

    static Stream<JsonNode> cases(String kind) {
        try {
            JsonNode cases = new ObjectMapper().readTree(bytes("cases.json")).path(kind);
            return StreamSupport.stream(cases.spliterator(), false);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException failure) {
            throw new IllegalStateException(failure);
        }
    }
}
