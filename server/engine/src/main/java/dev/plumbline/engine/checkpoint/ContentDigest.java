package dev.plumbline.engine.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A SHA-256 over the contents of several files. Hashing a large checkpoint takes half a minute, so
 * the hash of each file is kept under the cache folder, for as long as its size and its time of
 * modification stay the same.
 */
final class ContentDigest {
    private static final int BUFFER_BYTES = 1 << 20;

    private final Path memoFolder;
    private final MessageDigest digest = sha256();

    ContentDigest(Path cacheFolder) {
        this.memoFolder = cacheFolder.resolve("digests");
    }

    /** Adds a file's content under a name that does not depend on where the file lies. */
    void add(String name, Path realPath) {
        digest.update("%s %s\n".formatted(name, fileHash(realPath)).getBytes(UTF_8));
    }

    String hex() {
        return hex(digest);
    }

    private String fileHash(Path file) {
        try {
            String key = file.toString();
            Path memo = memoFolder.resolve(hash(key.getBytes(UTF_8)) + ".json");
            ObjectNode seen =
                    Json.MAPPER
                            .createObjectNode()
                            .put("path", key)
                            .put("size", Files.size(file))
                            .put("modified", Files.getLastModifiedTime(file).toString());
            Optional<String> known = recall(memo, seen);
            if (known.isPresent()) {
                return known.get();
            }
            String hash = hash(file);
            remember(memo, Json.MAPPER.writeValueAsBytes(seen.put("sha256", hash)));
            return hash;
        } catch (IOException e) {
            throw Faults.unreadable(file, e);
        }
    }

    /** A memo that cannot be read is as good as none: the file is hashed again. */
    private static Optional<String> recall(Path memo, ObjectNode seen) {
        if (!Files.exists(memo)) {
            return Optional.empty();
        }
        try {
            ObjectNode known = (ObjectNode) Json.readObject(memo);
            String hash = known.path("sha256").asText();
            known.remove("sha256");
            boolean same = known.toString().equals(seen.toString()) && hash.length() == 64;
            return same ? Optional.of(hash) : Optional.empty();
        } catch (PlumblineException e) {
            return Optional.empty();
        }
    }

    /** A cache that cannot be written costs time, nothing else. */
    private static void remember(Path memo, byte[] json) {
        try {
            AtomicFile.write(memo, json);
        } catch (IOException unwritable) {
            // Hashed again next time.
        }
    }

    private static String hash(byte[] bytes) {
        return HexFormat.of().formatHex(sha256().digest(bytes));
    }

    private static String hash(Path file) throws IOException {
        MessageDigest sha256 = sha256();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                sha256.update(buffer, 0, n);
            }
        }
        return hex(sha256);
    }

    static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
