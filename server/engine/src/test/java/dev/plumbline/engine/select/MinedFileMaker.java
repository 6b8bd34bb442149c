package dev.plumbline.engine.select;

import dev.plumbline.engine.data.PartialRows;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceRows;
import dev.plumbline.plugins.random.RandomSelector;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;

/** A process that mines rows, to be killed. Arguments: rows, pool, output. */
final class MinedFileMaker {
    /** A row would be done before a kill could hit it. */
    private static final long NANOSECONDS_A_ROW = 1_000_000;

    private MinedFileMaker() {}

    public static void main(String[] arguments) {
        List<PreferenceExample> rows = PreferenceRows.read(Path.of(arguments[0]));
        Path output = Path.of(arguments[2]);
        MiningListener listener =
                (phase, done, total) -> {
                    System.out.println(done + " of " + total);
                    LockSupport.parkNanos(NANOSECONDS_A_ROW);
                };
        var setup =
                new MiningSetup(
                        new MiningSetup.Strategy(new RandomSelector(), "1", Map.of()),
                        new MiningSetup.Source(
                                CandidatePool.images(Path.of(arguments[1])),
                                Optional.empty(),
                                new NoCompute()),
                        3,
                        Guard.DEFAULT,
                        new MiningSetup.Folders(output.resolveSibling("made"), output),
                        listener);
        Path partial = output.resolveSibling("partial.jsonl");
        Path origin = output.resolveSibling("origin");
        try (Miner miner = Miner.open(setup, rows, 11);
                PartialRows file = PartialRows.open(partial, origin, "the same")) {
            miner.mineInto(file, UnaryOperator.identity());
            file.moveTo(output);
        }
    }
}
