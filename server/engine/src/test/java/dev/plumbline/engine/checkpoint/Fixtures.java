package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Where the fixtures lie, and files that no honest writer would write. */
final class Fixtures {
    /** The demo world's folder, from the module's folder in which tests run. */
    static final Path DEMO = Path.of("../../eval-harness/demo");

    private Fixtures() {}

    static Path resource(String name) {
        try {
            return Path.of(
                    Objects.requireNonNull(Fixtures.class.getResource("/checkpoint/" + name))
                            .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A safetensors file of this header and as many bytes of zeros. */
    static Path safetensors(Path file, String header, int dataBytes) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes =
                ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(file, bytes.putLong(json.length).put(json).array());
        return file;
    }

    static void copyFolder(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    static PlumblineException failure(ThrowingCallable call) {
        return Assertions.catchThrowableOfType(PlumblineException.class, call);
    }
}
