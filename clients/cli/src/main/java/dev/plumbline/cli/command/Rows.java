package dev.plumbline.cli.command;

import dev.plumbline.cli.server.Environment;
import dev.plumbline.cli.server.References;
import java.nio.file.Files;
import java.nio.file.Path;

/** Pools and data sets as the user names them. */
final class Rows {
    private static final String POOLS = "pools/";
    private static final String DATASETS = "datasets/";

    private Rows() {}

    /** A folder, or the name of a pool. */
    static String pool(Environment environment, String given) {
        Path folder = environment.resolve(given);
        boolean path = given.contains("/") && !given.startsWith(POOLS);
        return Files.exists(folder) || path ? folder.toString() : References.name(given, POOLS);
    }

    /** A file, or the resource name of a data set. */
    static String data(Environment environment, String given) {
        Path file = environment.resolve(given);
        return given.startsWith(DATASETS) && !Files.exists(file) ? given : file.toString();
    }
}
