package dev.plumbline.cli.demo;

import dev.plumbline.client.PlumblineClientException;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The checkpoint and the data that come with the repository. */
record DemoWorld(Path folder) {

    /**
     * Finds them.
     *
     * @param root the folder of the repository
     */
    static DemoWorld in(Path root) {
        var world = new DemoWorld(root.resolve("eval-harness/demo"));
        if (!Files.isDirectory(world.model())) {
            throw new PlumblineClientException(
                    Status.Code.NOT_FOUND,
                    "DEMO_NOT_FOUND",
                    "There is no "
                            + world.model()
                            + ": run the demo from a whole copy of the repository.",
                    Map.of("folder", world.model().toString()));
        }
        return world;
    }

    Path model() {
        return folder.resolve("llava");
    }

    Path clip() {
        return folder.resolve("clip");
    }

    Path preferences() {
        return folder.resolve("data/preferences.jsonl");
    }

    Path pool() {
        return folder.resolve("data/pool");
    }

    /** Questions and captions that neither the model nor its cure has seen. */
    Path test() {
        return folder.resolve("data/test");
    }

    Path testImages() {
        return test().resolve("images");
    }

    /** A picture about which the base model makes up an object. */
    Path picture() {
        return testImages().resolve("0003.jpg");
    }
}
