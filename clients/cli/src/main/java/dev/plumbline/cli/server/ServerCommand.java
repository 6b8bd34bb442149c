package dev.plumbline.cli.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The command that starts a server.
 *
 * @param models folders by the name under which they are served
 * @param precisions of models, by the same names
 * @param clips the same for CLIP models
 * @param local whether only this machine may call
 */
public record ServerCommand(
        Map<String, Path> models,
        Map<String, String> precisions,
        Map<String, Path> clips,
        int port,
        int httpPort,
        Optional<Path> home,
        boolean local) {

    /** As an argument vector; relative to nothing. */
    public List<String> arguments(Path root) {
        var arguments = new ArrayList<String>();
        arguments.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        arguments.add("--enable-native-access=ALL-UNNAMED");
        arguments.add("--sun-misc-unsafe-memory-access=allow");
        arguments.add("-Dquarkus.log.console.stderr=true");
        arguments.add("-Dplumbline.plugins.dir=" + root.resolve("server/app/target/plugins"));
        arguments.add("-Dquarkus.grpc.server.port=" + port);
        arguments.add("-Dquarkus.http.port=" + httpPort);
        if (local) {
            arguments.add("-Dquarkus.grpc.server.host=127.0.0.1");
            arguments.add("-Dquarkus.http.host=127.0.0.1");
            // It serves one command: what others left unfinished is not its work.
            arguments.add("-Dplumbline.runs.go-on=false");
        }
        home.ifPresent(folder -> arguments.add("-Dplumbline.home=" + folder));
        // Quoted, or a name with a dot reads as two levels.
        models.forEach((name, folder) -> arguments.add(property("models", name, folder)));
        precisions.forEach((name, precision) ->
                arguments.add("-Dplumbline.models.\"" + name + "\".precision=" + precision));
        clips.forEach((name, folder) -> arguments.add(property("clips", name, folder)));
        arguments.add("-jar");
        arguments.add(root.resolve("server/app/target/quarkus-app/quarkus-run.jar").toString());
        return arguments;
    }

    private static String property(String kind, String name, Path folder) {
        return "-Dplumbline." + kind + ".\"" + name + "\"=" + folder;
    }
}
