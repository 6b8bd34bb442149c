package dev.plumbline.cli.command;

import dev.plumbline.cli.server.Environment;
import java.nio.file.Files;

/**
 * Where an adapter is taken from: a folder, or a resource of the server.
 *
 * @param path empty where there is a name
 * @param name empty where there is a path
 */
record AdapterSource(String path, String name) {
    static AdapterSource of(Environment environment, String given) {
        boolean named = given.startsWith("adapters/") || given.startsWith("runs/");
        return named && !Files.isDirectory(environment.resolve(given))
                ? new AdapterSource("", given)
                : new AdapterSource(environment.resolve(given).toString(), "");
    }
}
