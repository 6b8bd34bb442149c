package dev.plumbline.cli.server;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the process was given besides its arguments.
 *
 * @param directory the caller's folder, to which relative paths refer
 * @param home where Plumbline keeps its state
 * @param root the folder of the repository
 * @param server {@code PLUMBLINE_SERVER}
 * @param terminal whether standard error is a terminal
 */
public record Environment(
        Path directory, Path home, Path root, Optional<String> server, boolean terminal) {

    public static Environment ofProcess() {
        return new Environment(
                Path.of("").toAbsolutePath(),
                variable("PLUMBLINE_HOME")
                        .map(Path::of)
                        .orElse(Path.of(System.getProperty("user.home"), ".plumbline")),
                Optional.ofNullable(System.getProperty("plumbline.root"))
                        .map(Path::of)
                        .orElseGet(Environment::besideTheCode),
                variable("PLUMBLINE_SERVER"),
                Boolean.getBoolean("plumbline.terminal"));
    }

    private static Optional<String> variable(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isBlank());
    }

    /** The jar lies in {@code clients/cli/target} of the repository. */
    private static Path besideTheCode() {
        try {
            var code = Environment.class.getProtectionDomain().getCodeSource().getLocation();
            return Path.of(code.toURI()).resolve("../../../..").normalize();
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** A path of the caller, made absolute. */
    public Path resolve(String path) {
        return directory.resolve(path).normalize();
    }
}
