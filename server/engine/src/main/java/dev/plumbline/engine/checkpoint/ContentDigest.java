package dev.plumbline.engine.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A SHA-256 over the contents of several files, which are hashed on all processors. */
final class ContentDigest {
    private final FileHashes hashes;
    private final List<Named> contents = new ArrayList<>();

    private record Named(String name, Path file) {}

    ContentDigest(Path cacheFolder) {
        this.hashes = new FileHashes(cacheFolder);
    }

    /** Adds a file's content under a name that does not depend on where the file lies. */
    void add(String name, Path realPath) {
        contents.add(new Named(name, realPath));
    }

    /**
     * @param variant counts too, unless it is empty
     */
    String hex(String variant, LoadProgress progress) {
        Set<Path> files = new LinkedHashSet<>();
        contents.forEach(content -> files.add(content.file()));
        Map<Path, String> known = hashes.of(files, progress);
        MessageDigest digest = Sha256.start();
        for (Named content : contents) {
            String line = "%s %s\n".formatted(content.name(), known.get(content.file()));
            digest.update(line.getBytes(UTF_8));
        }
        digest.update(variant.getBytes(UTF_8));
        return Sha256.hex(digest);
    }
}
