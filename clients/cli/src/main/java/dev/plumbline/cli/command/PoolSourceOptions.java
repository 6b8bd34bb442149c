package dev.plumbline.cli.command;

import dev.plumbline.cli.server.Environment;
import dev.plumbline.v1.CreatePoolRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a pool is made of. */
final class PoolSourceOptions {
    private static final String COLLECTION = "pools/";

    @Option(
            names = "--images",
            required = true,
            paramLabel = "DIR|PARQUET|COCO",
            description = "A folder of pictures, a Parquet file or a folder of them, or COCO.")
    private String images = "";

    @Option(
            names = "--name",
            required = true,
            paramLabel = "NAME",
            description = "What the pool is called.")
    private String name = "";

    @Option(
            names = "--column",
            paramLabel = "NAME",
            description = "Of Parquet files, the one with the pictures (default image).")
    private String column = "";

    @Option(
            names = "--exclude",
            split = ",",
            paramLabel = "ID",
            description = "Pictures to leave out, by path or COCO id; repeatable.")
    private List<String> exclude = new ArrayList<>();

    @Option(
            names = "--exclude-file",
            paramLabel = "FILE",
            description = "Such ids, one a line or as a JSON list.")
    private @Nullable String excludeFile;

    /**
     * @param clip what the server calls the CLIP model
     */
    CreatePoolRequest request(Environment environment, String clip) {
        var request =
                CreatePoolRequest.newBuilder()
                        .setPoolId(
                                name.startsWith(COLLECTION)
                                        ? name.substring(COLLECTION.length())
                                        : name)
                        .setClip(clip)
                        .setPath(environment.resolve(images).toString())
                        .setColumn(column)
                        .addAllExclude(exclude);
        if (excludeFile != null) {
            request.setExcludeFile(environment.resolve(excludeFile).toString());
        }
        return request.build();
    }
}
