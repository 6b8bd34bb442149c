package dev.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.cli.server.Environment;
import dev.plumbline.cli.server.Interruption;
import dev.plumbline.cli.server.Shell;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Manners: exit codes, which output, one document. No server is needed. */
class MainTest {
    private static final String NOBODY = "localhost:1";

    @TempDir Path directory;

    private CommandLineRun run(String... arguments) {
        return CommandLineRun.of(directory, directory, arguments);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no-such-command",
                "generate --model m",
                "generate --model m --prompt p --no-such-option",
                "generate --model m --prompt p --max-new-tokens 0",
                "generate --model m --prompt p --temperature warm",
                "train --model m",
                "train --model m --data d --option key-without-value",
                "models",
                "models get",
                "serve --port 70000",
                "serve --model llava",
                "serve --model x=no-such-folder"
            })
    void wrongUsageExitsWithTwoAndSaysWhatIsWrongOnStandardError(String line) {
        var run = run(line.isEmpty() ? new String[0] : line.split(" "));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("Error: ").contains("--help");
    }

    @Test
    void wrongUsageIsADocumentWhereOneWasAskedFor() throws IOException {
        var error = run("generate", "--model", "m", "--json").json().get("error");
        assertThat(error.get("code").asText()).isEqualTo("INVALID_ARGUMENT");
        assertThat(error.get("reason").asText()).isEqualTo("WRONG_USAGE");
        assertThat(error.get("message").asText()).contains("--prompt");
    }

    @Test
    void aNamedServerThatDoesNotAnswerIsAnError() throws IOException {
        var run = run("plugins", "list", "--server", NOBODY, "--json");
        assertThat(run.code()).isEqualTo(1);
        var error = run.json().get("error");
        assertThat(error.get("code").asText()).isEqualTo("UNAVAILABLE");
        assertThat(error.get("reason").asText()).isEqualTo("SERVER_UNREACHABLE");
        assertThat(error.get("metadata").get("server").asText()).isEqualTo(NOBODY);
        assertThat(run.err()).contains("./plumbline serve");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "localhost:99999", "localhost:http", ":9000"})
    void aServerThatIsNoAddressIsNamed(String server) throws IOException {
        var run = run("plugins", "list", "--server", server, "--json");
        assertThat(run.code()).isEqualTo(1);
        var error = run.json().get("error");
        assertThat(error.get("reason").asText()).isEqualTo("SERVER_ADDRESS_INVALID");
        assertThat(error.get("metadata").get("server").asText()).isEqualTo(server);
    }

    @Test
    void withoutJsonAnErrorLeavesStandardOutputEmpty() {
        var run = run("plugins", "list", "--server", NOBODY);
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void aMissingImageIsNamedBeforeAServerIsAsked() throws IOException {
        var run = run("generate", "--model", "m", "--prompt", "p", "--image", "no.png", "--json");
        assertThat(run.code()).isEqualTo(1);
        var error = run.json().get("error");
        assertThat(error.get("reason").asText()).isEqualTo("IMAGE_UNREADABLE");
        assertThat(error.get("message").asText()).contains(directory.resolve("no.png").toString());
    }

    @ParameterizedTest
    @MethodSource("commands")
    void helpOfEveryCommandShowsAnExample(List<String> command) {
        var arguments = new ArrayList<>(command);
        arguments.add("--help");
        var run = run(arguments.toArray(String[]::new));
        assertThat(run.code()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("Example", "./plumbline " + String.join(" ", command));
    }

    static List<List<String>> commands() {
        var all = new ArrayList<List<String>>();
        collect(List.of(), new CommandLine(new PlumblineCommand(), factory()), all);
        return all;
    }

    private static CommandLine.IFactory factory() {
        return new CommandFactory(
                new Shell(
                        Environment.ofProcess(),
                        new PrintWriter(Writer.nullWriter()),
                        new PrintWriter(Writer.nullWriter()),
                        new Interruption(Thread.currentThread())));
    }

    private static void collect(List<String> path, CommandLine command, List<List<String>> all) {
        command.getSubcommands()
                .forEach((name, child) -> {
                    if (!name.equals(child.getCommandName())) {
                        return; // Another name for one that is there.
                    }
                    var names = new ArrayList<>(path);
                    names.add(name);
                    all.add(names);
                    collect(names, child, all);
                });
    }

    @Test
    void serveTakesOnePrecisionForAllModelsOrOneForEach() {
        String[] serve = {
            "serve", "--model", "a=.", "--model", "b=.", "--print-command", "--precision"
        };
        assertThat(run(with(serve, "int8", "--precision", "b=int4")).out().lines())
                .contains(
                        "-Dplumbline.models.\"a\".precision=int8",
                        "-Dplumbline.models.\"b\".precision=int4");
        assertThat(run(with(serve, "b=int4")).out())
                .contains("-Dplumbline.models.\"b\".precision=int4")
                .doesNotContain("\"a\".precision");
        var wrong = run(with(serve, "c=int4"));
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("--precision c=int4", "no --model of that name");
    }

    private static String[] with(String[] arguments, String... more) {
        return Stream.concat(Arrays.stream(arguments), Arrays.stream(more)).toArray(String[]::new);
    }

    @Test
    void servePrintsTheCommandThatTheLauncherBecomes() {
        var run =
                run(
                        "serve",
                        "--model",
                        "a.b=.",
                        "--port",
                        "9100",
                        "--home",
                        "state",
                        "--print-command");
        assertThat(run.code()).isZero();
        assertThat(run.out().lines())
                .contains(
                        "-Dplumbline.models.\"a.b\"=" + directory,
                        "-Dquarkus.grpc.server.port=9100",
                        "-Dquarkus.http.port=8080",
                        "-Dplumbline.home=" + directory.resolve("state"))
                .endsWith(
                        "-jar",
                        directory
                                .resolve("server/app/target/quarkus-app/quarkus-run.jar")
                                .toString());
    }
}
