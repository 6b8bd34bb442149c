package dev.plumbline.engine.score;

import dev.plumbline.engine.checkpoint.Sha256;
import dev.plumbline.engine.model.EncodedAnswer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;

/**
 * What one sequence's log-probabilities depend on, besides the model and the machine: SHA-256 of
 * its ids (of the template's prompt, the pictures' places and the answer), of where the answer
 * begins, and of the pictures' pixels.
 */
final class ReferenceKey {
    static final int BYTES = 32;

    private final byte[] digest;

    private ReferenceKey(byte[] digest) {
        this.digest = digest;
    }

    /**
     * @param pictures digests of their pixels, in order
     */
    static ReferenceKey of(EncodedAnswer answer, List<String> pictures) {
        List<Integer> ids = answer.sequence().ids();
        ByteBuffer numbers = ByteBuffer.allocate(Integer.BYTES * (ids.size() + 3));
        numbers.putInt(answer.answerStart()).putInt(pictures.size()).putInt(ids.size());
        ids.forEach(numbers::putInt);
        MessageDigest sha = Sha256.start();
        sha.update(numbers.flip());
        for (String picture : pictures) {
            sha.update(picture.getBytes(StandardCharsets.US_ASCII));
            sha.update((byte) '\n');
        }
        return new ReferenceKey(sha.digest());
    }

    static ReferenceKey read(ByteBuffer source) {
        byte[] digest = new byte[BYTES];
        source.get(digest);
        return new ReferenceKey(digest);
    }

    void write(ByteBuffer target) {
        target.put(digest);
    }

    /** As evenly spread as the whole. */
    long head() {
        return ByteBuffer.wrap(digest).getLong();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ReferenceKey key && Arrays.equals(digest, key.digest);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(head());
    }
}
