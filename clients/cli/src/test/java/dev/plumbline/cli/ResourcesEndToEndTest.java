package dev.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a server holds, as the command line shows and changes it. */
class ResourcesEndToEndTest extends PackagedServer {
    @Test
    void showsResources() throws IOException {
        json("models", "load", LLAVA, "--name", "llava");
        JsonNode model = json("models", "get", "llava");
        assertThat(model.get("family").asText()).isEqualTo("llava");
        assertThat(model.get("parameters").asLong()).isEqualTo(2_034_624);
        assertThat(json("models", "list").get("models")).isNotEmpty();
        assertThat(json("plugins", "list").get("plugins").findValuesAsText("name"))
                .contains("plugins/random", "plugins/plackett-luce", "plugins/dpo");
        assertThat(json("plugins", "get", "random").get("kind").asText()).isEqualTo("SELECTOR");
        assertThat(run("runs", "list").code()).isZero();
    }

    @Test
    void pluginsComeChangeAndGo() throws IOException {
        Path jar;
        try (Stream<Path> jars = Files.list(ROOT.resolve("server/app/target/plugins"))) {
            jar = jars.filter(f -> f.toString().contains("-loss-dpo-")).findFirst().orElseThrow();
        }
        JsonNode installed = json("plugins", "install", jar.toString());
        assertThat(installed.get("pluginId").asText()).isEqualTo("loss-dpo");
        assertThat(installed.get("replacedVersion").asText()).isNotBlank();
        JsonNode dpo = json("plugins", "get", "dpo");
        assertThat(dpo.get("overridesBundled").asBoolean()).isTrue();
        assertThat(run("plugins", "list").out()).contains("installed, replaces the server's");
        assertThat(json("plugins", "reload", "dpo").get("pluginId").asText()).isEqualTo("loss-dpo");
        assertThat(json("plugins", "uninstall", "loss-dpo").get("restoredVersion").asText())
                .isEqualTo(installed.get("version").asText());
        assertThat(error("plugins", "uninstall", "dpo").get("reason").asText())
                .isEqualTo("PLUGIN_BUNDLED");
        assertThat(error("plugins", "install", "no-such.jar").get("reason").asText())
                .isEqualTo("FILE_NOT_FOUND");
        assertThat(error("plugins", "install", "--on-server", jar + ".none").get("reason").asText())
                .isEqualTo("PLUGIN_INVALID");
    }
}
