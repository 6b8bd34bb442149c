package dev.plumbline.engine.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A process with a long command line, which ONNX Runtime reads when it starts. */
class LongCommandLineTest {
    /** What the process runs. */
    static final class Opens {
        public static void main(String[] arguments) {
            try (Runtime runtime = Runtime.open(RuntimeHarness.OPTIONS)) {
                System.out.println("opened " + runtime.version());
            }
        }
    }

    @Test
    void doesNotOverflowAStack() throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        ProcessBuilder builder =
                new ProcessBuilder(
                        java,
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dpadding=" + "/some/folder/of/jars:".repeat(4000),
                        Opens.class.getName());
        String classPath = System.getProperty("java.class.path");
        builder.environment()
                .put("CLASSPATH", System.getProperty("surefire.test.class.path", classPath));
        builder.redirectErrorStream(true);
        Process process = builder.start();
        byte[] output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).isZero();
        assertThat(new String(output, StandardCharsets.UTF_8)).contains("opened ");
    }
}
