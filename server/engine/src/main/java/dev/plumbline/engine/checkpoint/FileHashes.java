package dev.plumbline.engine.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * SHA-256 of files. Hashing a large checkpoint takes half a minute, so the hash of each file is
 * kept under the cache folder, for as long as its size and its time of modification stay the same.
 */
final class FileHashes {
    private static final int BUFFER_BYTES = 1 << 20;

    private final Path memoFolder;

    FileHashes(Path cacheFolder) {
        this.memoFolder = cacheFolder.resolve("digests");
    }

    /** The hash of each file; those that are not known are read, on all processors. */
    Map<Path, String> of(Set<Path> files, LoadProgress progress) {
        Map<Path, String> hashes = new LinkedHashMap<>();
        Map<Path, Memo> unknown = new LinkedHashMap<>();
        for (Path file : files) {
            Memo memo = Memo.of(memoFolder, file);
            memo.recall()
                    .ifPresentOrElse(hash -> hashes.put(file, hash), () -> unknown.put(file, memo));
        }
        long total = unknown.values().stream().mapToLong(Memo::size).sum();
        AtomicLong done = new AtomicLong();
        Processors.forEach(
                unknown.entrySet(),
                () -> new byte[BUFFER_BYTES],
                (buffer, entry) -> {
                    String hash =
                            hash(
                                    entry.getKey(),
                                    buffer,
                                    bytes ->
                                            progress.at(
                                                    LoadProgress.Stage.HASHING,
                                                    done.addAndGet(bytes),
                                                    total));
                    entry.getValue().remember(hash);
                    synchronized (hashes) {
                        hashes.put(entry.getKey(), hash);
                    }
                });
        return hashes;
    }

    @FunctionalInterface
    private interface Reading {
        void read(int bytes);
    }

    private static String hash(Path file, byte[] buffer, Reading reading) {
        MessageDigest sha256 = Sha256.start();
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                sha256.update(buffer, 0, n);
                reading.read(n);
            }
        } catch (IOException e) {
            throw Faults.unreadable(file, e);
        }
        return Sha256.hex(sha256);
    }

    /**
     * What was found out earlier about a file.
     *
     * @param seen the file as it is now: path, size, time
     */
    private record Memo(Path path, ObjectNode seen, long size) {
        static Memo of(Path folder, Path file) {
            String key = file.toString();
            MessageDigest name = Sha256.start();
            name.update(key.getBytes(UTF_8));
            try {
                long size = Files.size(file);
                ObjectNode seen =
                        Json.MAPPER
                                .createObjectNode()
                                .put("path", key)
                                .put("size", size)
                                .put("modified", Files.getLastModifiedTime(file).toString());
                return new Memo(folder.resolve(Sha256.hex(name) + ".json"), seen, size);
            } catch (IOException e) {
                throw Faults.unreadable(file, e);
            }
        }

        /** A memo that cannot be read is as good as none: the file is hashed again. */
        Optional<String> recall() {
            if (!Files.exists(path)) {
                return Optional.empty();
            }
            try {
                ObjectNode known = (ObjectNode) Json.readObject(path);
                String hash = known.path("sha256").asText();
                known.remove("sha256");
                boolean same = known.toString().equals(seen.toString()) && hash.length() == 64;
                return same ? Optional.of(hash) : Optional.empty();
            } catch (PlumblineException e) {
                return Optional.empty();
            }
        }

        /** A cache that cannot be written costs time, nothing else. */
        void remember(String hash) {
            try {
                AtomicFile.write(
                        path, Json.MAPPER.writeValueAsBytes(seen.deepCopy().put("sha256", hash)));
            } catch (IOException unwritable) {
                // Hashed again next time.
            }
        }
    }
}
