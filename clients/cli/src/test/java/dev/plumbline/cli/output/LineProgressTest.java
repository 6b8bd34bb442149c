package dev.plumbline.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class LineProgressTest {
    private final StringWriter err = new StringWriter();
    private Instant now = Instant.EPOCH;

    private final LineProgress progress =
            new LineProgress(
                    new PrintWriter(err),
                    new Clock() {
                        @Override
                        public ZoneId getZone() {
                            return ZoneOffset.UTC;
                        }

                        @Override
                        public Clock withZone(ZoneId zone) {
                            return this;
                        }

                        @Override
                        public Instant instant() {
                            return now;
                        }
                    });

    @Test
    void printsALineEveryTenSecondsAndOneAtTheEnd() {
        for (int done = 0; done <= 30; done++) {
            progress.update("training", done, 30, done == 30 ? "loss 0.5" : "");
            progress.update("training", done, 30, "");
            now = now.plusSeconds(1);
        }
        assertThat(err.toString().lines())
                .containsExactly(
                        "training: 10 of 30", "training: 20 of 30", "training: 30 of 30, loss 0.5");
    }

    @Test
    void withoutATotalOnlyTimeCounts() {
        progress.update("loading", 3, 0, "");
        assertThat(err.toString()).isEmpty();
        now = now.plusSeconds(10);
        progress.update("loading", 4, 0, "");
        assertThat(err.toString().lines()).containsExactly("loading: 4");
    }
}
