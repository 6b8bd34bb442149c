package dev.plumbline.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.longrunning.Operation;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.plumbline.cli.output.Json;
import dev.plumbline.cli.output.Table;
import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Session;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.PlumblineClient;
import dev.plumbline.v1.CreatePoolRequest;
import dev.plumbline.v1.DeletePoolResponse;
import dev.plumbline.v1.ListPoolsResponse;
import dev.plumbline.v1.Pool;
import dev.plumbline.v1.PoolProgress;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Embedded pools of candidate pictures. */
@Command(
        name = "pool",
        aliases = "pools",
        description = "Pools of candidate pictures, embedded once by a CLIP model.",
        footer = {
            "",
            "Example, from the repository's folder:",
            "  ./plumbline pool create --clip eval-harness/demo/clip \\",
            "    --images eval-harness/demo/data/pool --name demo"
        })
public final class PoolCommand implements Runnable {
    private static final String COLLECTION = "pools/";

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    private final Shell shell;

    public PoolCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public void run() {
        throw Collection.missingVerb(spec);
    }

    @Command(
            description = {
                "Embed a folder of pictures, Parquet files or COCO's layout. A pool of that name is"
                        + " brought up to date; one that was left unfinished goes on."
            },
            footer = {
                "",
                "Files that cannot be used are named and left out.",
                "",
                "Example, from the repository's folder:",
                "  ./plumbline pool create --clip eval-harness/demo/clip \\",
                "    --images eval-harness/demo/data/pool --name demo"
            })
    int create(@Mixin CommonOptions common, @Mixin ClipOption clip, @Mixin PoolSourceOptions source)
            throws IOException {
        References references = References.ofClip(clip.clip());
        try (Session session = common.connect(shell, references)) {
            PlumblineClient client = session.client();
            String name = references.resolve(shell.environment(), client).clip();
            CreatePoolRequest request = source.request(shell.environment(), name);
            Pool pool =
                    new OperationWatcher(shell, client.operations())
                            .finish(
                                    client.negatives().createPool(request),
                                    PoolCommand::step,
                                    Pool.class);
            print(pool, common.json());
        }
        return 0;
    }

    private static OperationWatcher.Step step(Operation operation) {
        try {
            PoolProgress now = operation.getMetadata().unpack(PoolProgress.class);
            return new OperationWatcher.Step(
                    "pictures",
                    now.getDone(),
                    now.getTotal(),
                    now.getImagesPerSecond(),
                    now.getRemainingSeconds(),
                    "pictures");
        } catch (InvalidProtocolBufferException other) {
            throw new IllegalStateException(operation.getName() + " makes no pool", other);
        }
    }

    private void print(Pool pool, boolean json) {
        if (!json) {
            shell.say(
                    "%s holds %d pictures: %d excluded, %d skipped"
                            .formatted(
                                    pool.getName(),
                                    pool.getImages(),
                                    pool.getExcludedCount(),
                                    pool.getSkippedCount()));
            var table = new Table("skipped", "reason");
            pool.getSkippedList().forEach(it -> table.row(it.getFile(), it.getReason()));
            if (pool.getSkippedCount() > 0) {
                table.print(shell.out());
            }
            return;
        }
        ObjectNode document =
                Json.object()
                        .put("pool", pool.getName())
                        .put("images", pool.getImages())
                        .put("excluded_count", pool.getExcludedCount())
                        .put("skipped_count", pool.getSkippedCount());
        ArrayNode skipped = document.putArray("skipped");
        pool.getSkippedList()
                .forEach(it ->
                        skipped.addObject()
                                .put("file", it.getFile())
                                .put("reason", it.getReason()));
        Json.print(shell.out(), document);
    }

    @Command(
            description = "List all pools.",
            footer = {"", "Example:", "  ./plumbline pool list --json"})
    int list(@Mixin CommonOptions common) throws IOException {
        return new Collection(shell, common).print(PoolCommand::all, this::table);
    }

    private static ListPoolsResponse all(PlumblineClient client) {
        return ListPoolsResponse.newBuilder().addAllPools(client.negatives().listPools()).build();
    }

    private void table(ListPoolsResponse pools) {
        var table = new Table("name", "pictures", "skipped", "dimension", "clip", "source");
        for (Pool pool : pools.getPoolsList()) {
            table.row(
                    pool.getName(),
                    pool.getImages(),
                    pool.getSkippedCount(),
                    pool.getDimension(),
                    pool.getClip(),
                    pool.getSource());
        }
        table.print(shell.out());
    }

    @Command(
            description = "Show one pool.",
            footer = {"", "Example:", "  ./plumbline pool get demo"})
    int get(
            @Mixin CommonOptions common,
            @Parameters(paramLabel = "NAME", description = "For example pools/demo.") String name)
            throws IOException {
        return new Collection(shell, common)
                .print(client -> client.negatives().getPool(References.name(name, COLLECTION)));
    }

    @Command(
            description = "Delete a pool; the pictures that it was made from stay.",
            footer = {"", "Example:", "  ./plumbline pool delete demo"})
    int delete(
            @Mixin CommonOptions common,
            @Parameters(paramLabel = "NAME", description = "For example pools/demo.") String name)
            throws IOException {
        return new Collection(shell, common)
                .print(client -> {
                    client.negatives().deletePool(References.name(name, COLLECTION));
                    return DeletePoolResponse.getDefaultInstance();
                });
    }
}
