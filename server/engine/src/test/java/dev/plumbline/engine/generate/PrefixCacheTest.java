package dev.plumbline.engine.generate;

import static dev.plumbline.engine.generate.PrefixCache.BLOCK;
import static dev.plumbline.engine.generate.Sequences.FACTS;
import static dev.plumbline.engine.generate.Sequences.read;
import static dev.plumbline.engine.generate.Sequences.write;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PrefixCacheTest {
    private static final long BLOCK_BYTES = BLOCK * FACTS.cacheBytesPerToken();

    private final KeyValueBuffer buffer = new KeyValueBuffer(FACTS, 3, 200);

    @AfterEach
    void close() {
        buffer.close();
    }

    @Test
    void theLongestKnownBeginningComesBack() {
        try (PrefixCache cache = new PrefixCache(FACTS, 100 * BLOCK_BYTES)) {
            write(buffer, 0, 70, 3);
            cache.store("", text(0, 70), buffer, 0);
            assertThat(cache.restore("", text(0, 100), 99, buffer, 1)).isEqualTo(64);
            assertThat(read(buffer, 1, 64)).isEqualTo(read(buffer, 0, 64));
            assertThat(cache.restore("", text(0, 64), 63, buffer, 2)).isEqualTo(48);
            assertThat(cache.restore("", text(1, 100), 99, buffer, 2)).isZero();
            var counts = cache.counts().get();
            assertThat(counts.lookups()).isEqualTo(3);
            assertThat(counts.hits()).isEqualTo(2);
            assertThat(counts.tokensSaved()).isEqualTo(112);
            assertThat(counts.bytes()).isEqualTo(4 * BLOCK_BYTES);
        }
    }

    @Test
    void anotherAdapterOrPictureKnowsNothing() {
        try (PrefixCache cache = new PrefixCache(FACTS, 100 * BLOCK_BYTES)) {
            write(buffer, 0, 64, 3);
            cache.store("adapter", pictured("red"), buffer, 0);
            assertThat(cache.restore("", pictured("red"), 63, buffer, 1)).isZero();
            assertThat(cache.restore("other", pictured("red"), 63, buffer, 1)).isZero();
            assertThat(cache.restore("adapter", pictured("blue"), 63, buffer, 1)).isEqualTo(BLOCK);
            assertThat(cache.restore("adapter", pictured("red"), 63, buffer, 1)).isEqualTo(48);
        }
    }

    @Test
    void promptsShareTheirBeginning() {
        try (PrefixCache cache = new PrefixCache(FACTS, 100 * BLOCK_BYTES)) {
            TokenKeys second = joined(text(0, 64), text(7, 64));
            cache.store("", joined(text(0, 64), text(3, 64)), buffer, 0);
            cache.store("", second, buffer, 1);
            assertThat(cache.counts().get().bytes()).isEqualTo(12 * BLOCK_BYTES);
            assertThat(cache.restore("", second, 127, buffer, 2)).isEqualTo(112);
        }
    }

    @Test
    void theOneNeededLongestAgoGoesFirstAndItsEndBeforeItsBeginning() {
        try (PrefixCache cache = new PrefixCache(FACTS, 8 * BLOCK_BYTES)) {
            cache.store("a", text(0, 64), buffer, 0);
            cache.store("b", text(0, 64), buffer, 0);
            cache.restore("a", text(0, 64), 64, buffer, 1);
            cache.store("c", text(0, 32), buffer, 0);
            assertThat(cache.restore("a", text(0, 64), 64, buffer, 1)).isEqualTo(64);
            assertThat(cache.restore("b", text(0, 64), 64, buffer, 1)).isEqualTo(32);
            assertThat(cache.restore("c", text(0, 64), 64, buffer, 1)).isEqualTo(32);
            assertThat(cache.counts().get().evictions()).isEqualTo(2);
            assertThat(cache.counts().get().bytes()).isEqualTo(8 * BLOCK_BYTES);
        }
    }

    @Test
    void keepsAsMuchOfALongPromptAsFits() {
        try (PrefixCache cache = new PrefixCache(FACTS, 3 * BLOCK_BYTES + 1)) {
            cache.store("", text(0, 128), buffer, 0);
            assertThat(cache.restore("", text(0, 128), 127, buffer, 1)).isEqualTo(48);
        }
        try (PrefixCache none = new PrefixCache(FACTS, 0)) {
            none.store("", text(0, 128), buffer, 0);
            assertThat(none.restore("", text(0, 128), 127, buffer, 1)).isZero();
        }
    }

    @Test
    void manyPromptsStayWithinTheBound() {
        try (PrefixCache cache = new PrefixCache(FACTS, 20 * BLOCK_BYTES)) {
            for (int i = 0; i < 500; i++) {
                int length = 1 + i * 37 % 190;
                write(buffer, 0, length, i);
                TokenKeys prompt = text(i % 11, length);
                int known = cache.restore("", prompt, length - 1, buffer, 1);
                assertThat(known).isLessThan(length);
                cache.store("", prompt, buffer, 0);
                assertThat(cache.counts().get().bytes()).isLessThanOrEqualTo(20 * BLOCK_BYTES);
            }
        }
    }

    private static TokenKeys text(int first, int count) {
        List<Integer> ids = IntStream.range(first, first + count).boxed().toList();
        return new TokenKeys(ids, Collections.nCopies(count, ""));
    }

    /** A block of text, then a picture. */
    private static TokenKeys pictured(String digest) {
        String[] pictures = new String[64];
        Arrays.fill(pictures, 0, BLOCK, "");
        Arrays.fill(pictures, BLOCK, 64, digest);
        return new TokenKeys(Collections.nCopies(64, 9), List.of(pictures));
    }

    private static TokenKeys joined(TokenKeys a, TokenKeys b) {
        List<Integer> ids = new ArrayList<>(a.ids());
        ids.addAll(b.ids());
        return new TokenKeys(ids, Collections.nCopies(ids.size(), ""));
    }
}
