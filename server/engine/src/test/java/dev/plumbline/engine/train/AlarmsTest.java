package dev.plumbline.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceExample.Mining;
import dev.plumbline.engine.data.PreferenceExample.Place;
import dev.plumbline.engine.error.PlumblineException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Alarms on made-up steps; {@link AlarmedRunsTest} has them in runs. */
class AlarmsTest {
    private static final int STEPS = 200;

    private final Random random = new Random(7);

    private static NegativeImage negative(String image, double logWeight, double... latents) {
        var told =
                IntStream.range(0, latents.length)
                        .mapToObj(i -> new NegativeImage.Latent(i, latents[i]))
                        .toList();
        var details = new NegativeImage.Details(-1, Double.NaN, told, List.of());
        return new NegativeImage(Path.of(image), 0, Double.NaN, logWeight, "s", "1", details);
    }

    private static PreferenceExample row(int line, String sampling, List<NegativeImage> negatives) {
        return new PreferenceExample(
                new Place(Path.of("rows.jsonl"), line),
                Path.of("own.png"),
                "What is it?",
                "A cat.",
                "A dog.",
                new Mining(negatives, sampling, 100, 1),
                JsonNodeFactory.instance.objectNode());
    }

    /** Steps with a trend and the noise of batches. */
    private List<Alarm> trend(
            IntToDoubleFunction chosen, IntToDoubleFunction margin, double noise) {
        Alarms alarms = new Alarms(Alarms.State.NONE);
        List<Alarm> all = new ArrayList<>();
        for (int step = 1; step <= STEPS; step++) {
            double c = chosen.applyAsDouble(step) + noise * random.nextGaussian();
            double m = margin.applyAsDouble(step) + noise * random.nextGaussian();
            all.addAll(alarms.look(new StepSigns(step, c, m, List.of())));
        }
        return all;
    }

    private List<Alarm> rows(List<PreferenceExample> rows) {
        Alarms alarms = new Alarms(Alarms.State.NONE);
        List<Alarm> all = new ArrayList<>();
        for (int at = 0; at < rows.size(); at += 4) {
            List<PreferenceExample> batch = rows.subList(at, Math.min(rows.size(), at + 4));
            all.addAll(alarms.look(new StepSigns(at / 4 + 1, 0, 0, batch)));
        }
        return all;
    }

    private static List<PreferenceExample> each(
            int count, String sampling, IntFunction<List<NegativeImage>> of) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(line -> row(line, sampling, of.apply(line)))
                .toList();
    }

    @Test
    void theChosenAnswersFallWhileTheMarginGrows() {
        List<Alarm> alarms = trend(step -> -step / 20.0, step -> step / 10.0, 0.5);
        assertThat(alarms).hasSize(1);
        assertThat(alarms.getFirst().name()).isEqualTo(Alarm.CHOSEN_LOGPS_FALL);
        assertThat(alarms.getFirst().step()).isBetween(20, 80);
        assertThat(alarms.getFirst().message()).contains("fell from", "grew from");
    }

    @Test
    void aFallAfterARiseCountsFromTheRise() {
        List<Alarm> alarms =
                trend(step -> step < 60 ? step / 20.0 : 6 - step / 20.0, step -> step / 10.0, 0.3);
        assertThat(alarms).extracting(Alarm::name).containsExactly(Alarm.CHOSEN_LOGPS_FALL);
        assertThat(alarms.getFirst().step()).isGreaterThan(60);
    }

    @Test
    void anAlarmSoundsOnceUntilItsReasonIsGone() {
        // Falls, recovers above where it began, falls again.
        IntToDoubleFunction chosen = s -> 6 * Math.cos(s * 2 * Math.PI / 100) + s / 50.0;
        assertThat(trend(chosen, step -> step / 2.0, 0.1)).hasSize(2);
    }

    @Test
    void healthyRunsAreQuiet() {
        for (int seed = 0; seed < 100; seed++) {
            random.setSeed(seed);
            double noise = 0.1 + 4 * random.nextDouble();
            assertThat(trend(step -> step / 100.0, step -> step / 20.0, noise))
                    .as("both grow, seed %d", seed)
                    .isEmpty();
            assertThat(trend(step -> 0, step -> step / 20.0, noise))
                    .as("chosen stay, seed %d", seed)
                    .isEmpty();
            assertThat(trend(step -> -step / 20.0, step -> 0, noise))
                    .as("the margin does not grow, seed %d", seed)
                    .isEmpty();
            assertThat(trend(step -> -0.9 * step / STEPS, step -> step / 20.0, 0.01))
                    .as("a fall of less than a nat, seed %d", seed)
                    .isEmpty();
        }
    }

    @Test
    void oneNegativeHasAllTheWeight() {
        List<PreferenceExample> rows =
                each(
                        20,
                        "with_replacement",
                        i ->
                                List.of(
                                        negative("a" + i, 0),
                                        negative("b" + i, 9),
                                        negative("c" + i, 1)));
        List<Alarm> alarms = rows(rows);
        assertThat(alarms).extracting(Alarm::name).containsExactly(Alarm.WEIGHTS_DEGENERATE);
        assertThat(alarms.getFirst().step()).isEqualTo(2);
        assertThat(alarms.getFirst().message()).contains("0.33");
        List<PreferenceExample> greedy =
                rows.stream()
                        .map(r -> r.with(new Mining(r.negatives(), "greedy", 100, 1)))
                        .toList();
        assertThat(rows(greedy)).isEmpty();
    }

    @Test
    void aVarianceAboveAThousand() {
        List<NegativeImage> many =
                IntStream.range(0, 1100).mapToObj(i -> negative("n" + i, i == 0 ? 40 : 0)).toList();
        List<Alarm> alarms = rows(List.of(row(1, "without_replacement", many)));
        assertThat(alarms).extracting(Alarm::name).containsExactly(Alarm.WEIGHTS_DEGENERATE);
        assertThat(alarms.getFirst().message()).contains("variance over the batch is 1099");
    }

    @Test
    void weightsOfAProposalThatCoversItsPoolAreQuiet() {
        assertThat(
                        rows(
                                each(
                                        200,
                                        "with_replacement",
                                        i ->
                                                IntStream.range(0, 3)
                                                        .mapToObj(k ->
                                                                negative(
                                                                        i + "-" + k,
                                                                        0.5
                                                                                * random
                                                                                        .nextGaussian()))
                                                        .toList())))
                .isEmpty();
    }

    @Test
    void negativesWhoseLatentsAreTheSame() {
        List<Alarm> alarms =
                rows(
                        each(
                                20,
                                "greedy",
                                i ->
                                        List.of(
                                                negative("a" + i, 0, 0.9, 0.1, 0.4),
                                                negative("b" + i, 0, 0.8, 0.1, 0.4))));
        assertThat(alarms).extracting(Alarm::name).containsExactly(Alarm.NEGATIVES_COLLAPSE);
        assertThat(alarms.getFirst().message()).contains("cosine 0.99");
        assertThat(
                        rows(
                                each(
                                        20,
                                        "greedy",
                                        i ->
                                                List.of(
                                                        negative("a" + i, 0, 0.9, 0.1, 0.4),
                                                        negative("b" + i, 0, 0.3, 0.7, 0.4)))))
                .isEmpty();
    }

    @Test
    void theSamePictureAgainAndAgain() {
        List<Alarm> within =
                rows(
                        each(
                                20,
                                "with_replacement",
                                i -> List.of(negative("a" + i, 0), negative("a" + i, 0))));
        assertThat(within).extracting(Alarm::name).containsExactly(Alarm.NEGATIVES_COLLAPSE);
        List<Alarm> across =
                rows(each(20, "greedy", i -> List.of(negative("a", 0), negative("b", 0))));
        assertThat(across).extracting(Alarm::name).containsExactly(Alarm.NEGATIVES_COLLAPSE);
        assertThat(across.getFirst().message()).contains("about 2.0 different");
        assertThat(rows(each(20, "greedy", i -> List.of(negative("a" + i % 9, 0))))).isEmpty();
    }

    @Test
    void rowsThatComeAgainAreNotMoreRows() {
        List<PreferenceExample> few =
                each(4, "greedy", i -> List.of(negative("a", 0), negative("b", 0)));
        List<PreferenceExample> epochs = new ArrayList<>();
        IntStream.range(0, 10).forEach(epoch -> epochs.addAll(few));
        assertThat(rows(epochs)).isEmpty();
    }

    /** The state goes through JSON after every step, and nothing else is kept. */
    @Test
    void restoredAlarmsSoundAsUninterruptedOnes() throws JsonProcessingException {
        ObjectMapper json = new ObjectMapper();
        Alarms whole = new Alarms(Alarms.State.NONE);
        Alarms restored = new Alarms(Alarms.State.NONE);
        List<Alarm> expected = new ArrayList<>();
        for (int step = 1; step <= 60; step++) {
            List<NegativeImage> negatives =
                    List.of(negative("a", 0, 1, 0), negative("b", 9, 1, 0.1));
            StepSigns signs =
                    new StepSigns(
                            step,
                            -step * 0.3 + random.nextGaussian(),
                            step,
                            List.of(row(step, "with_replacement", negatives)));
            List<Alarm> alarms = whole.look(signs);
            expected.addAll(alarms);
            assertThat(restored.look(signs)).isEqualTo(alarms);
            String text = json.writeValueAsString(restored.state());
            restored = new Alarms(json.readValue(text, Alarms.State.class));
            assertThat(restored.state()).isEqualTo(whole.state());
        }
        // A K of 2 has no smaller share than a half.
        assertThat(expected)
                .extracting(Alarm::name)
                .containsExactlyInAnyOrder(Alarm.CHOSEN_LOGPS_FALL, Alarm.NEGATIVES_COLLAPSE);
    }

    @Test
    void threeSkippedStepsStopARun() {
        SkippedSteps skipped = new SkippedSteps("1.0 * dpo", List.of());
        Place place = new Place(Path.of("rows.jsonl"), 12);
        Alarm alarm = skipped.skip(4, Double.NaN, 1, List.of(place));
        assertThat(alarm.name()).isEqualTo(Alarm.NOT_FINITE);
        assertThat(alarm.message()).contains("step 4", "NaN", "rows.jsonl line 12");
        skipped.requireFew();
        SkippedSteps resumed = new SkippedSteps("1.0 * dpo", skipped.steps());
        resumed.skip(9, 1, Double.POSITIVE_INFINITY, List.of());
        resumed.requireFew();
        resumed.skip(10, 1, Double.NaN, List.of());
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(resumed::requireFew)
                .withMessageContainingAll("4, 9, 10", "1.0 * dpo")
                .satisfies(e -> assertThat(e.reason()).isEqualTo("LOSS_NOT_FINITE"));
    }
}
