package dev.plumbline.engine.data;

import static dev.plumbline.engine.data.DataFormatsTest.DATA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.data.PreferenceData.Source;
import dev.plumbline.engine.data.PreferenceExample.Mining;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.RandomAccess;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChangedRowsTest {
    @TempDir Path cache;

    @Test
    void rowsThatGotNegativesAreKeptAsTheyAre() throws IOException {
        List<PreferenceExample> rows =
                PreferenceData.read(Source.of(DATA.resolve("rlaif-v.parquet")), cache).rows();
        var negative =
                new NegativeImage(
                        DATA.resolve("images/blue.png"),
                        0.1 + 0.2,
                        Double.NaN,
                        1e-17,
                        "random",
                        "1",
                        NegativeImage.Details.NONE);
        var mining = new Mining(List.of(negative), "with_replacement", 9, Double.NaN);
        var changed = new ChangedRows(rows, cache.resolve("made/here"));
        changed.add(rows.getFirst());
        changed.add(rows.get(1).with(mining));
        changed.add(rows.get(2));
        List<PreferenceExample> all = changed.rows();
        assertThat(all).hasSize(3).isInstanceOf(RandomAccess.class).isNotEqualTo(rows);
        assertThat(all.getFirst()).isEqualTo(rows.getFirst());
        assertThat(all.getLast()).isEqualTo(rows.getLast());
        PreferenceExample row = all.get(1);
        assertThat(row.mining()).isEqualTo(mining);
        assertThat(row.place()).isEqualTo(rows.get(1).place());
        assertThat(row.image()).isEqualTo(rows.get(1).image());
        assertThat(row.fields().path("idx").asText()).isEqualTo("1");
        try (Stream<Path> left = Files.list(cache.resolve("made/here"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void whereNothingChangedTheyAreTheSameList() {
        List<PreferenceExample> rows =
                PreferenceData.read(Source.of(DATA.resolve("rlaif-v.parquet")), cache).rows();
        var changed = new ChangedRows(rows, cache);
        rows.forEach(changed::add);
        assertThat(changed.rows()).isSameAs(rows);
    }

    @Test
    void linesAreReadWhenTheyAreAskedFor() throws IOException {
        Path file = cache.resolve("rows.jsonl");
        List<PreferenceExample> rows =
                PreferenceData.read(Source.of(DATA.resolve("trl-text.jsonl")), cache).rows();
        PreferenceRowsWriter.write(file, rows);
        List<PreferenceExample> open = PreferenceRows.open(file);
        assertThat(open).isEqualTo(PreferenceRows.read(file));
        Files.delete(file);
        assertThat(open.getLast().chosen()).isEqualTo("Blue water.");
    }
}
