package dev.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.cli.server.Environment;
import dev.plumbline.cli.server.Interruption;
import dev.plumbline.cli.server.Session;
import dev.plumbline.cli.server.Shell;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The packaged server, running for all tests of a class, and commands that call it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PackagedServer {
    static final Path ROOT =
            Path.of(System.getProperty("server.target")).resolve("../../..").normalize();
    static final Path DEMO = ROOT.resolve("eval-harness/demo");
    static final String LLAVA = DEMO.resolve("llava").toString();

    final ObjectMapper mapper = new ObjectMapper();

    Path directory;
    Session server;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        directory = folder;
        assertThat(ROOT.resolve("server/app/target/quarkus-app/quarkus-run.jar"))
                .as("the packaged server: run ./plumbline test, not mvn test")
                .exists();
        var silence = new PrintWriter(Writer.nullWriter());
        var environment =
                new Environment(
                        directory, directory.resolve("home"), ROOT, Optional.empty(), false);
        var interruption = new Interruption(Thread.currentThread());
        server =
                Session.start(
                        new Shell(environment, silence, silence, interruption), "For tests", false);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    CommandLineRun run(String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--server", server.target()));
        return CommandLineRun.of(directory, ROOT, all.toArray(String[]::new));
    }

    /** Runs a command that must succeed, and reads its one document. */
    JsonNode json(String... arguments) throws IOException {
        var all = new ArrayList<>(List.of(arguments));
        all.add("--json");
        var run = run(all.toArray(String[]::new));
        assertThat(run.code()).as(run.err()).isZero();
        return run.json();
    }

    JsonNode error(String... arguments) throws IOException {
        var all = new ArrayList<>(List.of(arguments));
        all.add("--json");
        var run = run(all.toArray(String[]::new));
        assertThat(run.code()).as(run.out()).isEqualTo(1);
        return run.json().get("error");
    }
}
