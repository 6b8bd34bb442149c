package dev.plumbline.plugins.chip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.spi.OptionSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What a server finds of the plugin; its values are tested where expressions can be run. */
class ChipLossTest {
    @Test
    void isInTheIndexOfExtensions() throws IOException {
        Path index = Path.of("target", "classes", "META-INF", "extensions.idx");
        assertThat(Files.readAllLines(index)).contains(ChipLoss.class.getName());
    }

    @Test
    void declaresItsOptions() {
        ChipLoss loss = new ChipLoss();
        assertThat(loss.name()).isEqualTo("chip");
        assertThat(loss.options())
                .extracting(OptionSpec::name)
                .containsExactly("beta", "visual_weight", "segment_weight", "token_weight");
    }
}
