package dev.plumbline.engine.select;

import dev.plumbline.engine.model.ClipModel;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.RuntimeOptions;
import java.nio.file.Path;
import java.util.Optional;

/** A process that embeds a pool, to be killed. Arguments: CLIP folder, source, pool, cache. */
final class PoolMaker {
    private PoolMaker() {}

    public static void main(String[] arguments) {
        Path cache = Path.of(arguments[3]);
        var options = new RuntimeOptions(1, Optional.empty(), cache.resolve("native"));
        try (Runtime runtime = Runtime.open(options);
                ClipModel clip = ClipModel.load(Path.of(arguments[0]), cache, runtime)) {
            PoolListener listener =
                    progress -> {
                        if (progress.phase().equals("embedding")) {
                            System.out.println(progress.done() + " of " + progress.total());
                        }
                    };
            new PoolBuilder(Path.of(arguments[2]), new ClipEmbedder(clip), listener)
                    .build(PoolBuilder.Wanted.all(Path.of(arguments[1])));
        }
    }
}
