package dev.plumbline.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperationStepTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "12.5|180|12.5 rows/s, 3 min left",
                "12.5|0|12.5 rows/s",
                "0|42|42 s left",
                "0|3720|1 h 2 min left",
                "0|0|''"
            })
    void tellsWhatIsKnown(double perSecond, double remaining, String note) {
        var step = new OperationWatcher.Step("mining", 3, 9, perSecond, remaining, "rows");
        assertThat(step.note()).isEqualTo(note);
    }
}
