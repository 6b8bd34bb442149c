package dev.plumbline.engine.score;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Another process that keeps values until it is killed; says when it has kept a hundred. */
final class ReferenceStoreProcess {
    private ReferenceStoreProcess() {}

    static Process start(Path folder, long mostBytes, int from) throws IOException {
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ReferenceStoreProcess.class.getName(),
                        folder.toString(),
                        Long.toString(mostBytes),
                        Integer.toString(from));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    public static void main(String[] arguments) {
        long mostBytes = Long.parseLong(arguments[1]);
        int from = Integer.parseInt(arguments[2]);
        try (ReferenceStore store =
                ReferenceStore.open(Path.of(arguments[0]), mostBytes, System.err::println)) {
            for (int id = from; id < from + 50_000; id++) {
                store.keep(ReferenceStoreTest.key(id), ReferenceStoreTest.values(id));
                if (id == from + 99) {
                    System.out.println("100");
                }
            }
        }
    }
}
