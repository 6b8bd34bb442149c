package dev.plumbline.server;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/** The built plugins beside an empty home, and little patience with plugins. */
public final class PluginTestServer implements QuarkusTestProfile {
    static final int DEADLINE_SECONDS = 2;

    @Override
    public Map<String, String> getConfigOverrides() {
        try {
            return Map.of(
                    "plumbline.plugins.dir",
                    PluginFolders.built(name -> true).toString(),
                    "plumbline.home",
                    Files.createTempDirectory("home").toString(),
                    "plumbline.plugins.deadline",
                    DEADLINE_SECONDS + "s");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A folder with the first pictures of the demo's pool. */
    public static Path pool(Path folder, int count) {
        try (var pictures = Files.list(TestApi.demo().resolve("data/pool"))) {
            Path pool = Files.createDirectories(folder.resolve("pool"));
            for (Path picture : pictures.sorted().limit(count).toList()) {
                Files.copy(
                        picture,
                        pool.resolve(picture.getFileName().toString()),
                        StandardCopyOption.REPLACE_EXISTING);
            }
            return pool;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
