package dev.plumbline.plugins.dpo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.spi.OptionSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What a server finds of the plugin; its values are tested where expressions can be run. */
class DpoLossTest {
    @Test
    void isInTheIndexOfExtensions() throws IOException {
        Path index = Path.of("target", "classes", "META-INF", "extensions.idx");
        assertThat(Files.readAllLines(index)).contains(DpoLoss.class.getName());
    }

    @Test
    void declaresItsOptions() {
        DpoLoss loss = new DpoLoss();
        assertThat(loss.name()).isEqualTo("dpo");
        assertThat(loss.options())
                .extracting(OptionSpec::name)
                .containsExactly("beta", "label_smoothing");
    }
}
