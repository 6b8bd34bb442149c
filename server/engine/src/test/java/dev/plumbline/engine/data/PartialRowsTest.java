package dev.plumbline.engine.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.plumbline.engine.data.PreferenceExample.Mining;
import dev.plumbline.engine.data.PreferenceExample.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartialRowsTest {
    @TempDir Path folder;

    private PartialRows open(String fingerprint) {
        return PartialRows.open(folder.resolve("partial"), folder.resolve("origin"), fingerprint);
    }

    private void append(PartialRows rows, int count) {
        for (int i = 0; i < count; i++) {
            rows.append(
                    new PreferenceExample(
                            new Place(folder, i),
                            folder.resolve("é.png"),
                            "What?",
                            "A cät " + i,
                            "A dog.",
                            Mining.NONE,
                            JsonNodeFactory.instance.objectNode().put("n", i)));
        }
    }

    private void begin(int count) {
        try (PartialRows rows = open("a")) {
            append(rows, count);
        }
    }

    @Test
    void wholeRowsAreFoundAgain() {
        begin(3);
        try (PartialRows rows = open("a")) {
            assertThat(rows.count()).isEqualTo(3);
            append(rows, 1);
            rows.moveTo(folder.resolve("rows.jsonl"));
        }
        assertThat(folder.resolve("rows.jsonl")).content().hasLineCount(4);
        assertThat(folder.resolve("partial")).doesNotExist();
        assertThat(folder.resolve("origin")).doesNotExist();
    }

    /** Wherever a process is killed, within a letter too, the rest is what it would have been. */
    @Test
    void aRowThatIsCutOffIsWrittenAgain() throws IOException {
        begin(3);
        byte[] whole = Files.readAllBytes(folder.resolve("partial"));
        for (int size = 0; size < whole.length; size++) {
            Files.write(folder.resolve("partial"), java.util.Arrays.copyOf(whole, size));
            try (PartialRows rows = open("a")) {
                assertThat(rows.count()).isLessThan(3);
                assertThat(Files.size(folder.resolve("partial"))).isLessThanOrEqualTo(size);
            }
        }
    }

    @Test
    void whatIsNotARowEndsTheFile() throws IOException {
        begin(2);
        Files.write(folder.resolve("partial"), new byte[] {0, 0, '\n'}, StandardOpenOption.APPEND);
        try (PartialRows rows = open("a")) {
            assertThat(rows.count()).isEqualTo(2);
        }
    }

    @Test
    void rowsOfAnotherOriginAreThrownAway() {
        begin(2);
        try (PartialRows rows = open("b")) {
            assertThat(rows.count()).isZero();
        }
    }
}
