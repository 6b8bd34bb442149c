package dev.plumbline.engine.score;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.model.EncodedAnswer;
import dev.plumbline.engine.model.EncodedPrompt;
import dev.plumbline.engine.model.TokenPositions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferenceStoreTest {
    private static final long ROOMY = 1 << 24;

    private final List<String> warnings = new ArrayList<>();

    @TempDir Path folder;

    private ReferenceStore open() {
        return open(ROOMY);
    }

    private ReferenceStore open(long mostBytes) {
        return ReferenceStore.open(folder, mostBytes, warnings::add);
    }

    static ReferenceKey key(int id, String... pictures) {
        EncodedPrompt prompt =
                new EncodedPrompt("text", List.of(1, 2, id), List.of(), TokenPositions.text(3));
        return ReferenceKey.of(new EncodedAnswer(prompt, 1), List.of(pictures));
    }

    /** Of 1 to 9 tokens, told by the id alone. */
    static float[] values(int id) {
        SplittableRandom random = new SplittableRandom(id);
        float[] values = new float[random.nextInt(1, 10)];
        for (int i = 0; i < values.length; i++) {
            values[i] = -random.nextFloat() * 20;
        }
        return values;
    }

    private static void fill(ReferenceStore store, int from, int to) {
        for (int id = from; id < to; id++) {
            store.keep(key(id), values(id));
        }
    }

    private static int found(ReferenceStore store, int from, int to) {
        int found = 0;
        for (int id = from; id < to; id++) {
            Optional<float[]> values = store.find(key(id));
            if (values.isPresent()) {
                assertThat(values.get()).containsExactly(values(id));
                found++;
            }
        }
        return found;
    }

    private List<Path> segments() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    @Test
    void everyBitIsKeptAcrossOpenings() {
        float[] odd = {-0f, Float.MIN_VALUE, -1.5f, -Float.MAX_VALUE, Math.nextDown(0f)};
        try (ReferenceStore store = open()) {
            assertThat(store.find(key(1))).isEmpty();
            store.keep(key(1), odd);
            store.keep(key(2), new float[0]);
            assertThat(store.find(key(1))).get().isEqualTo(odd);
        }
        try (ReferenceStore store = open()) {
            assertThat(store.find(key(1))).get().isEqualTo(odd);
            assertThat(store.find(key(2))).get().isEqualTo(new float[0]);
            assertThat(store.find(key(3))).isEmpty();
            assertThat(store.size()).isEqualTo(2);
        }
        assertThat(warnings).isEmpty();
    }

    @Test
    void idsPicturesAndWhereTheAnswerBeginsMakeTheKey() {
        EncodedPrompt prompt =
                new EncodedPrompt("text", List.of(1, 2, 3), List.of(), TokenPositions.text(3));
        assertThat(
                        List.of(
                                key(3),
                                key(4),
                                key(3, "a"),
                                key(3, "b"),
                                key(3, "a", "b"),
                                key(3, "b", "a"),
                                ReferenceKey.of(new EncodedAnswer(prompt, 2), List.of())))
                .doesNotHaveDuplicates();
        assertThat(ReferenceKey.of(new EncodedAnswer(prompt, 1), List.of())).isEqualTo(key(3));
    }

    @Test
    void aSegmentIsGoneOnWith() throws IOException {
        for (int i = 0; i < 5; i++) {
            try (ReferenceStore store = open()) {
                fill(store, 10 * i, 10 * i + 10);
            }
        }
        assertThat(segments()).hasSize(1);
        try (ReferenceStore store = open()) {
            assertThat(found(store, 0, 50)).isEqualTo(50);
        }
    }

    @Test
    void whatIsCutOffAnywhereTakesNothingElseWithIt() throws IOException {
        try (ReferenceStore store = open()) {
            fill(store, 0, 3);
        }
        Path segment = segments().getFirst();
        byte[] whole = Files.readAllBytes(segment);
        int third = whole.length - (32 + 4 + 4 * values(2).length + 4);
        for (int length = 0; length < whole.length; length++) {
            Files.write(segment, Arrays.copyOf(whole, length));
            try (ReferenceStore store = open()) {
                assertThat(found(store, 0, 3)).isLessThan(3);
                if (length >= third) {
                    assertThat(found(store, 0, 2)).isEqualTo(2);
                }
                fill(store, 0, 5);
            }
            try (ReferenceStore store = open()) {
                assertThat(found(store, 0, 5)).as("cut at %d", length).isEqualTo(5);
            }
        }
        assertThat(warnings).isEmpty();
    }

    @Test
    void damageIsNeverTakenForAValue() throws IOException {
        try (ReferenceStore store = open()) {
            fill(store, 0, 4);
        }
        Path segment = segments().getFirst();
        byte[] whole = Files.readAllBytes(segment);
        for (int at = 0; at < whole.length; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x41;
            Files.write(segment, damaged);
            try (ReferenceStore store = open()) {
                assertThat(found(store, 0, 4)).as("damaged at %d", at).isLessThan(4);
            }
        }
        Files.write(segment, whole);
        try (ReferenceStore store = open()) {
            assertThat(found(store, 0, 4)).isEqualTo(4);
            // Damaged while it is open: the checksum is looked at again.
            byte[] damaged = whole.clone();
            damaged[whole.length - 6] ^= 1;
            Files.write(segment, damaged);
            assertThat(found(store, 0, 4)).isEqualTo(3);
        }
    }

    @Test
    void severalMayHaveTheFolderOpen() throws IOException {
        try (ReferenceStore one = open();
                ReferenceStore two = open()) {
            for (int id = 0; id < 40; id += 2) {
                one.keep(key(id), values(id));
                two.keep(key(id + 1), values(id + 1));
            }
            assertThat(segments()).hasSize(2);
            try (ReferenceStore three = open()) {
                assertThat(found(three, 0, 40)).isEqualTo(40);
                fill(three, 40, 50);
            }
        }
        try (ReferenceStore all = open()) {
            assertThat(found(all, 0, 50)).isEqualTo(50);
        }
    }

    @Test
    void processesThatAreKilledLeaveWhatTheyKept() throws IOException, InterruptedException {
        List<Process> processes = new ArrayList<>();
        for (int from : List.of(0, 1_000_000)) {
            processes.add(ReferenceStoreProcess.start(folder, ROOMY, from));
        }
        for (Process process : processes) {
            // It has kept some, and goes on.
            assertThat(process.inputReader().readLine()).isEqualTo("100");
        }
        for (Process process : processes) {
            process.destroyForcibly();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
        try (ReferenceStore store = open()) {
            assertThat(found(store, 0, 100)).isEqualTo(100);
            assertThat(found(store, 1_000_000, 1_000_100)).isEqualTo(100);
            fill(store, 2_000_000, 2_000_010);
        }
        try (ReferenceStore store = open()) {
            assertThat(found(store, 2_000_000, 2_000_010)).isEqualTo(10);
        }
    }

    @Test
    void theOldestGoWhereThereIsNoMoreRoom() throws IOException {
        long most = 40_000;
        try (ReferenceStore store = open(most)) {
            for (int id = 0; id < 3000; id++) {
                store.keep(key(id), values(id));
                assertThat(store.find(key(id))).get().isEqualTo(values(id));
            }
            assertThat(store.find(key(0))).isEmpty();
            assertThat(bytes()).isLessThanOrEqualTo(most);
            int kept = found(store, 0, 3000);
            assertThat(kept).isGreaterThan(300);
            assertThat(found(store, 3000 - kept, 3000)).isEqualTo(kept);
        }
        try (ReferenceStore store = open(most / 4)) {
            assertThat(bytes()).isLessThanOrEqualTo(most / 4);
            assertThat(store.find(key(2999))).isPresent();
        }
    }

    private long bytes() throws IOException {
        long bytes = 0;
        for (Path segment : segments()) {
            bytes += Files.size(segment);
        }
        return bytes;
    }

    @Test
    void theFolderMayBeDeletedMeanwhile() throws IOException {
        try (ReferenceStore store = open(10_000)) {
            fill(store, 0, 5);
            for (Path segment : segments()) {
                Files.delete(segment);
            }
            Files.delete(folder);
            fill(store, 5, 200);
            assertThat(store.find(key(199))).get().isEqualTo(values(199));
        }
        try (ReferenceStore store = open()) {
            assertThat(store.find(key(199))).get().isEqualTo(values(199));
        }
        assertThat(warnings).isEmpty();
    }

    @Test
    void aFolderThatCannotBeUsedIsToldOnce() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "no folder");
        try (ReferenceStore store = ReferenceStore.open(file, ROOMY, warnings::add)) {
            fill(store, 0, 5);
            assertThat(found(store, 0, 5)).isZero();
        }
        assertThat(warnings).singleElement().asString().contains(file.toString(), "no longer kept");
    }

    @Test
    void theIndexIsAMap() {
        SplittableRandom random = new SplittableRandom(1);
        PlaceTable table = new PlaceTable();
        Map<Long, Long> expected = new HashMap<>();
        for (int i = 1; i < 20_000; i++) {
            long key = random.nextInt(10_000) * (1L << random.nextInt(40));
            table.put(key, i);
            expected.put(key, (long) i);
        }
        assertThat(table.size()).isEqualTo(expected.size());
        expected.forEach((key, place) -> assertThat(table.get(key)).isEqualTo(place));
        assertThat(table.get(-5)).isZero();
    }
}
