package dev.plumbline.engine.score;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.plumbline.engine.checkpoint.Sha256;
import dev.plumbline.engine.model.LoadedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.stream.Stream;

/**
 * The part of a cache that belongs to one model on one machine: named by all that decides a last
 * bit besides the sequence itself. A model's digest counts its weights, precision, tokenizer,
 * template and processor.
 */
public final class ReferenceFolder {
    /** Raised when pictures or answers are brought into the graphs in another way. */
    private static final String VERSION = "1";

    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

    private ReferenceFolder() {}

    /**
     * @param root of all models' folders
     */
    public static Path of(Path root, LoadedModel model) {
        var runtime = model.sessions().runtime();
        List<String> parts =
                List.of(
                        VERSION,
                        model.digest(),
                        model.precision().text(),
                        model.sessions().scoresDigest(),
                        runtime.version(),
                        Integer.toString(runtime.threads()),
                        processor());
        MessageDigest sha = Sha256.start();
        sha.update(String.join("\n", parts).getBytes(UTF_8));
        return root.resolve(Sha256.hex(sha));
    }

    /** Which instructions there are decides which kernels run. */
    private static String processor() {
        String architecture = System.getProperty("os.arch", "");
        try (Stream<String> lines = Files.lines(PROCESSORS)) {
            return lines.filter(l -> l.startsWith("model name") || l.startsWith("flags"))
                    .limit(2)
                    .reduce(architecture, (all, line) -> all + '\n' + line);
        } catch (IOException e) {
            return architecture;
        }
    }
}
