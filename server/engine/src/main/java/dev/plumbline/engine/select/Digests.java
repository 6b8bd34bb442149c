package dev.plumbline.engine.select;

import dev.plumbline.engine.checkpoint.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** SHA-256 in hexadecimal. */
final class Digests {
    private Digests() {}

    static String of(byte[] content) {
        MessageDigest digest = Sha256.start();
        digest.update(content);
        return Sha256.hex(digest);
    }

    /** Of several texts; where one ends and the next begins counts. */
    static String of(String... texts) {
        MessageDigest digest = Sha256.start();
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
        }
        return Sha256.hex(digest);
    }
}
