package dev.plumbline.engine.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceExample.Mining;
import dev.plumbline.engine.data.PreferenceExample.Place;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.plugins.random.RandomSelector;
import dev.plumbline.spi.Choice;
import dev.plumbline.spi.Chooser;
import dev.plumbline.spi.Negative;
import dev.plumbline.spi.NegativeSelector;
import dev.plumbline.spi.Options;
import dev.plumbline.spi.Selection;
import dev.plumbline.spi.Workshop;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MinerTest {
    private static final Pool POOL =
            new Names(IntStream.range(0, 20).mapToObj(i -> Path.of("pool", i + ".png")).toList());

    /** Pictures of which nobody needs more than the name. */
    private record Names(List<Path> files) implements Pool {
        @Override
        public int size() {
            return files.size();
        }

        @Override
        public String digest() {
            return "";
        }

        @Override
        public String id(int index) {
            return file(index).toString();
        }

        @Override
        public Path file(int index) {
            return files.get(index);
        }

        @Override
        public Optional<String> contentDigest(int index) {
            return Optional.empty();
        }

        @Override
        public Optional<Tensor> embeddings() {
            return Optional.empty();
        }
    }

    private static PreferenceExample row(int line) {
        return new PreferenceExample(
                new Place(Path.of("rows.jsonl"), line),
                Path.of("own.png"),
                "What is row " + line + "?",
                "A cat.",
                "A dog.",
                Mining.NONE,
                JsonNodeFactory.instance.objectNode());
    }

    private static List<PreferenceExample> rows(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(MinerTest::row).toList();
    }

    private static MiningSetup setup(
            NegativeSelector selector, String version, Map<String, String> options, int k) {
        return new MiningSetup(
                new MiningSetup.Strategy(selector, version, options),
                new MiningSetup.Source(POOL, Optional.empty(), new NoCompute()),
                k,
                Guard.DEFAULT,
                new MiningSetup.Folders(Path.of("pictures"), Path.of("artefacts")),
                MiningListener.NONE);
    }

    private static List<PreferenceExample> random(
            int k, Map<String, String> options, List<PreferenceExample> rows, long seed) {
        return mine(setup(new RandomSelector(), "1.2", options, k), rows, seed);
    }

    private static List<PreferenceExample> mine(
            MiningSetup setup, List<PreferenceExample> rows, long seed) {
        try (Miner miner = Miner.open(setup, rows, seed)) {
            return IntStream.range(0, rows.size()).mapToObj(miner::mine).toList();
        }
    }

    private static List<List<Path>> images(List<PreferenceExample> rows) {
        return rows.stream()
                .map(row -> row.negatives().stream().map(NegativeImage::image).toList())
                .toList();
    }

    @Test
    void theRandomSelectorDrawsUniformly() {
        List<PreferenceExample> mined = random(3, Map.of(), rows(50), 0);
        for (PreferenceExample row : mined) {
            assertThat(row.mining().sampling()).isEqualTo("without_replacement");
            assertThat(row.mining().poolSize()).isEqualTo(20);
            assertThat(row.negatives()).hasSize(3).doesNotHaveDuplicates();
            for (NegativeImage negative : row.negatives()) {
                assertThat(negative.logQ()).isCloseTo(-Math.log(20), within(1e-12));
                assertThat(negative.logWeight()).isCloseTo(Math.log(20 / 3.0), within(1e-12));
                assertThat(negative.selector()).isEqualTo("random");
                assertThat(negative.selectorVersion()).isEqualTo("1.2");
            }
        }
        Set<Path> seen = new HashSet<>();
        images(mined).forEach(seen::addAll);
        assertThat(seen).hasSize(20);
    }

    @Test
    void theChoiceDependsOnSeedAndRowAlone() {
        List<List<Path>> once = images(random(3, Map.of(), rows(10), 5));
        assertThat(images(random(3, Map.of(), rows(10), 5))).isEqualTo(once);
        assertThat(images(random(3, Map.of(), rows(4), 5))).isEqualTo(once.subList(0, 4));
        assertThat(images(random(3, Map.of(), rows(10), 6))).isNotEqualTo(once);
        assertThat(new HashSet<>(once)).hasSizeGreaterThan(5);
        // A row that has negatives keeps them, and takes nothing from those after it.
        List<PreferenceExample> some = new ArrayList<>(rows(10));
        Mining own =
                new Mining(
                        List.of(
                                new NegativeImage(
                                        Path.of("own.png"),
                                        0,
                                        0,
                                        0,
                                        "",
                                        "",
                                        NegativeImage.Details.NONE)),
                        "greedy",
                        0,
                        Double.NaN);
        some.set(2, some.get(2).with(own));
        List<PreferenceExample> mined = random(3, Map.of(), some, 5);
        assertThat(mined.get(2).mining()).isEqualTo(own);
        assertThat(images(mined).subList(3, 10)).isEqualTo(once.subList(3, 10));
    }

    @Test
    void withReplacementAPictureMayComeTwice() {
        Map<String, String> options = Map.of("sampling", "with_replacement");
        List<PreferenceExample> mined = random(20, options, rows(5), 1);
        for (PreferenceExample row : mined) {
            assertThat(row.negatives()).hasSize(20);
            assertThat(new HashSet<>(row.negatives())).hasSizeLessThan(20);
            assertThat(row.mining().sampling()).isEqualTo("with_replacement");
        }
    }

    @Test
    void badOptionsAndSizesAreNamed() {
        refused(
                "POOL_TOO_SMALL",
                "k is 21, the pool has 20",
                () -> random(21, Map.of(), rows(1), 0));
        refused("POOL_TOO_SMALL", "k is 0", () -> random(0, Map.of(), rows(1), 0));
        refused(
                "UNKNOWN_OPTION",
                "option n of random",
                () -> random(1, Map.of("n", "1"), rows(1), 0));
        refused(
                "OPTION_NOT_A_CHOICE",
                "without_replacement",
                () -> random(1, Map.of("sampling", "greedy"), rows(1), 0));
    }

    private static void refused(String reason, String said, Runnable work) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(work::run)
                .withMessageContaining(said)
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
                    assertThat(e.reason()).isEqualTo(reason);
                });
    }

    /** A selector that does as it likes. */
    private record Plugin(Function<Selection, List<Negative>> choice, String sampling)
            implements NegativeSelector {
        @Override
        public String name() {
            return "shaky";
        }

        @Override
        public Chooser open(Workshop workshop, Options options) {
            return selection -> new Choice(choice.apply(selection), sampling, Double.NaN);
        }
    }

    private static List<Negative> negatives(int... indices) {
        return Arrays.stream(indices).mapToObj(i -> Negative.of(i, 0, -3, 0)).toList();
    }

    private static void failed(String said, Plugin plugin) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> mine(setup(plugin, "1", Map.of(), 2), rows(1), 0))
                .withMessageContainingAll("the selector plugin shaky ", said, "rows.jsonl line 1")
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION);
                    assertThat(e.reason()).isEqualTo("SELECTOR_FAILED");
                    assertThat(e.metadata()).containsEntry("selector", "shaky");
                });
    }

    private static void failed(String said, Function<Selection, List<Negative>> choice) {
        failed(said, new Plugin(choice, "greedy"));
    }

    @Test
    void misbehavingSelectorsAreNamed() {
        failed("chose 1 negatives, not 2", s -> negatives(1));
        failed("chose 3 negatives, not 2", s -> negatives(1, 2, 3));
        failed("chose the candidate 4 twice", s -> negatives(4, 4));
        failed("chose the candidate 20 out of the pool", s -> negatives(0, 20));
        failed("chose the candidate -1 out of the pool", s -> negatives(-1, 0));
        failed("threw java.lang.NullPointerException", s -> Arrays.asList(Negative.of(0, 0), null));
        failed("samples 'lucky'", new Plugin(s -> negatives(0, 1), "lucky"));
        failed(
                "threw java.lang.IllegalStateException: no",
                s -> {
                    throw new IllegalStateException("no");
                });
        failed(
                "threw java.lang.NoSuchMethodError",
                s -> {
                    throw new NoSuchMethodError("gone");
                });
        for (double bad : List.of(Double.NaN, Double.POSITIVE_INFINITY)) {
            failed(
                    "not a finite number",
                    s -> List.of(Negative.of(0, bad, 0, 0), Negative.of(1, 0)));
            failed(
                    "not a finite number",
                    s -> List.of(Negative.of(0, 0, 0, bad), Negative.of(1, 0)));
        }
    }

    @Test
    void aSelectorSeesTheRowAndThePool() {
        List<Selection> seen = new ArrayList<>();
        Plugin plugin =
                new Plugin(
                        selection -> {
                            seen.add(selection);
                            return negatives(1, 2);
                        },
                        "greedy");
        mine(setup(plugin, "1", Map.of(), 2), rows(1), 0);
        assertThat(seen)
                .singleElement()
                .satisfies(selection -> {
                    assertThat(selection.prompt()).isEqualTo("What is row 1?");
                    assertThat(selection.chosen()).isEqualTo("A cat.");
                    assertThat(selection.candidates().size()).isEqualTo(20);
                    assertThat(selection.k()).isEqualTo(2);
                });
    }
}
