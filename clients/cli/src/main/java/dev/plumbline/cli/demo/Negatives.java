package dev.plumbline.cli.demo;

import dev.plumbline.cli.command.Mining;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.PlumblineClient;
import dev.plumbline.v1.LoadModelRequest;
import dev.plumbline.v1.MineNegativesRequest;
import dev.plumbline.v1.SelectionSpec;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Chooses negatives for the demo's rows out of its pool, which is embedded once.
 *
 * @param clip the CLIP model's resource name
 */
record Negatives(Shell shell, PlumblineClient client, DemoWorld world, String clip) {
    static Negatives with(Shell shell, PlumblineClient client, DemoWorld world) {
        var request =
                LoadModelRequest.newBuilder()
                        .setPath(world.clip().toString())
                        .setModelId("demo-clip")
                        .build();
        return new Negatives(shell, client, world, client.models().load(request).getName());
    }

    /**
     * @param output the mined rows, as JSON Lines
     */
    Mining mine(Arm arm, long seed, Path output) throws IOException {
        var selection =
                SelectionSpec.newBuilder()
                        .setPool(world.pool().toString())
                        .setClip(clip)
                        .setSelector(arm.selector())
                        .setK(arm.k())
                        .setSeed(seed);
        var request =
                MineNegativesRequest.newBuilder()
                        .setSelection(selection)
                        .setData(world.preferences().toString())
                        .setOutput(output.toString())
                        .build();
        return Mining.run(shell, client, request);
    }
}
