package dev.plumbline.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProposalTest {
    private static double[] scores(int n, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return IntStream.range(0, n).mapToDouble(i -> random.nextGaussian()).toArray();
    }

    private static double perplexity(Proposal proposal, int n) {
        double entropy = 0;
        for (int i = 0; i < n; i++) {
            entropy -= Math.exp(proposal.logQ(i)) * proposal.logQ(i);
        }
        return Math.exp(entropy);
    }

    @ParameterizedTest
    @CsvSource({"1000, 3, 50", "30, 4, 8", "100000, 3, 5000"})
    void theTemperatureIsSolvedForThePerplexity(int n, int k, double wanted) {
        Proposal proposal = Proposal.of(scores(n, n), k, 0);
        assertThat(perplexity(proposal, n)).isCloseTo(wanted, within(1e-6 * wanted));
        double sum = IntStream.range(0, n).mapToDouble(i -> Math.exp(proposal.logQ(i))).sum();
        assertThat(sum).isCloseTo(1, within(1e-9));
    }

    @Test
    void aGivenTemperatureIsTaken() {
        Proposal proposal = Proposal.of(new double[] {0, 1, 2}, 1, 0.5);
        assertThat(proposal.temperature()).isEqualTo(0.5);
        assertThat(proposal.logQ(2) - proposal.logQ(1)).isCloseTo(2, within(1e-12));
    }

    @Test
    void smallPoolsAndEqualScoresAreUniform() {
        Proposal small = Proposal.of(scores(6, 1), 3, 0);
        assertThat(small.temperature()).isInfinite();
        assertThat(small.logQ(4)).isCloseTo(-Math.log(6), within(1e-12));
        Proposal equal = Proposal.of(new double[100], 3, 0);
        assertThat(equal.logQ(7)).isCloseTo(-Math.log(100), within(1e-12));
        assertThatThrownBy(() -> Proposal.of(new double[] {1, Double.NaN}, 1, 0))
                .hasMessageContaining("finite");
    }

    @Test
    void withoutReplacementNobodyComesTwiceAndAllWeighNothing() {
        Proposal proposal = Proposal.of(scores(8, 2), 8, 0);
        List<Negative> all = proposal.withoutReplacement(new SplittableRandom(1));
        assertThat(all).extracting(Negative::index).doesNotHaveDuplicates().hasSize(8);
        assertThat(all).allMatch(n -> n.logWeight() == 0);
        Proposal more = Proposal.of(scores(4, 2), 5, 0);
        assertThatThrownBy(() -> more.withoutReplacement(new SplittableRandom(1)))
                .hasMessageContaining("5 different ones out of 4");
    }

    /** Mean and standard error of estimates of a pool's sum. */
    private record Estimate(double mean, double error) {}

    private static Estimate simulate(
            Proposal proposal,
            double[] values,
            int rounds,
            Function<SplittableRandom, List<Negative>> draw,
            Function<Negative, Double> weight) {
        SplittableRandom random = new SplittableRandom(11);
        double sum = 0;
        double squares = 0;
        for (int round = 0; round < rounds; round++) {
            double estimate = 0;
            for (Negative negative : draw.apply(random)) {
                estimate += values[negative.index()] * weight.apply(negative);
            }
            sum += estimate;
            squares += estimate * estimate;
        }
        double mean = sum / rounds;
        return new Estimate(mean, Math.sqrt((squares / rounds - mean * mean) / rounds));
    }

    /** Twenty candidates: the weighted sum over what is drawn is the pool's, on average. */
    @Test
    void weightsAreUnbiasedWhereOneOverKqIsNot() {
        int n = 20;
        int k = 4;
        int rounds = 200_000;
        double[] values =
                IntStream.range(0, n).mapToDouble(i -> Math.exp(scores(n, 5)[i])).toArray();
        double total = IntStream.range(0, n).mapToDouble(i -> values[i]).sum();
        Proposal proposal = Proposal.of(scores(n, 6), k, 0.7);
        Function<Negative, Double> own = negative -> Math.exp(negative.logWeight());
        Estimate without = simulate(proposal, values, rounds, proposal::withoutReplacement, own);
        assertThat(without.error()).isLessThan(0.01 * total);
        assertThat(without.mean()).isCloseTo(total, within(3 * without.error()));
        Estimate with = simulate(proposal, values, rounds, proposal::withReplacement, own);
        assertThat(with.error()).isLessThan(0.01 * total);
        assertThat(with.mean()).isCloseTo(total, within(3 * with.error()));
        Estimate naive =
                simulate(
                        proposal,
                        values,
                        rounds,
                        proposal::withoutReplacement,
                        negative -> 1 / (k * Math.exp(negative.logQ())));
        assertThat(Math.abs(naive.mean() - total)).isGreaterThan(10 * naive.error());
    }
}
