package dev.plumbline.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.eval.benchmarks.PairedBootstrap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArmsTableTest {
    @TempDir Path folder;

    private ArmsTable table() throws IOException {
        Path pictures = Demo.pictures(folder);
        var before = Demo.measure("before", pictures);
        var after = Demo.measure("after", pictures);
        var bootstrap = new PairedBootstrap(0);
        DemoTable cured = DemoTable.compare(before, after, bootstrap);
        DemoTable same = DemoTable.compare(before, before, bootstrap);
        return new ArmsTable(
                List.of(
                        new ArmsTable.Arm("cured", List.of(cured)),
                        new ArmsTable.Arm("one of two", List.of(cured, same))));
    }

    @Test
    void figuresAreMeansAndIntervalsTheWidest() throws IOException {
        JsonNode arms = table().json().path("arms");
        for (String metric : ArmsTable.METRICS) {
            JsonNode one = arms.path(0).path("metrics").path(metric);
            JsonNode two = arms.path(1).path("metrics").path(metric);
            double difference = one.path("difference").doubleValue();
            assertThat(two.path("difference").doubleValue())
                    .isCloseTo(difference / 2, within(1e-12));
            assertThat(two.path("after").doubleValue())
                    .isCloseTo(one.path("after").doubleValue() - difference / 2, within(1e-12));
            // The unchanged seed's interval is [0, 0].
            assertThat(two.path("low").doubleValue())
                    .isEqualTo(Math.min(0, one.path("low").doubleValue()));
            assertThat(two.path("high").doubleValue())
                    .isEqualTo(Math.max(0, one.path("high").doubleValue()));
        }
        assertThat(arms.path(0).path("metrics").path("chair_s").path("difference").doubleValue())
                .isNotZero();
    }

    @Test
    void allArmsAreInTextAndPage() throws IOException {
        ArmsTable table = table();
        assertThat(table.text())
                .contains("adversarial false yes", "CHAIR_s", "random accuracy", "recall")
                .contains("cured", "one of two")
                .hasLineCount(4);
        assertThat(table.html()).contains(">cured</th>", "one of two", "</html>");
    }
}
