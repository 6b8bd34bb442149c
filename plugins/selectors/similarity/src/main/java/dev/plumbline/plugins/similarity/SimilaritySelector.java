package dev.plumbline.plugins.similarity;

import dev.plumbline.spi.Array;
import dev.plumbline.spi.Choice;
import dev.plumbline.spi.Chooser;
import dev.plumbline.spi.Compute.Program;
import dev.plumbline.spi.Negative;
import dev.plumbline.spi.NegativeSelector;
import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.Options;
import dev.plumbline.spi.Proposal;
import dev.plumbline.spi.Selection;
import dev.plumbline.spi.Workshop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.pf4j.Extension;

/**
 * The nearest to the row's own picture by the cosine of CLIP embeddings, exactly: all candidates
 * are compared (the similarity-retrieved baseline of MISP-DPO, arXiv 2509.25717, table 3).
 */
@Extension
public final class SimilaritySelector implements NegativeSelector {
    @Override
    public String name() {
        return "similarity";
    }

    @Override
    public List<OptionSpec> options() {
        List<OptionSpec> options = new ArrayList<>(Proposal.options());
        options.add(
                OptionSpec.number(
                        "margin",
                        1,
                        -1,
                        1,
                        "Candidates with a cosine above it are left out as too near."));
        return options;
    }

    @Override
    public Chooser open(Workshop workshop, Options options) {
        int dimension = workshop.pool().dimension();
        Program program =
                workshop.compute()
                        .compile(
                                Map.of(),
                                v ->
                                        Map.of(
                                                "cosines",
                                                v.input("candidates", -1, dimension)
                                                        .matmul(v.input("own", dimension, 1))
                                                        .reshaped(-1)));
        return new Nearest(program, options);
    }

    private record Nearest(Program program, Options options) implements Chooser {
        @Override
        public Choice choose(Selection selection) {
            float[] own = selection.imageEmbedding();
            Map<String, Array> outputs =
                    selection
                            .candidates()
                            .compute(program, Map.of("own", Array.of(own, own.length, 1)));
            Array cosines = Objects.requireNonNull(outputs.get("cosines"));
            double margin = options.number("margin");
            int[] within =
                    IntStream.range(0, cosines.size())
                            .filter(i -> cosines.get(i) <= margin)
                            .toArray();
            if (within.length < selection.k()) {
                throw new IllegalStateException(
                        "only %d candidates have a cosine of at most %s: take a larger margin"
                                .formatted(within.length, margin));
            }
            double[] scores = IntStream.of(within).mapToDouble(cosines::get).toArray();
            Choice choice =
                    Proposal.isGreedy(options)
                            ? Choice.greedy(best(scores, selection.k()))
                            : Proposal.draw(scores, selection, options);
            List<Negative> negatives =
                    choice.negatives().stream()
                            .map(n ->
                                    Negative.of(
                                            within[n.index()], n.score(), n.logQ(), n.logWeight()))
                            .toList();
            return new Choice(negatives, choice.sampling(), choice.temperature());
        }

        /** The highest first, of equal ones the lower index. */
        private static List<Negative> best(double[] scores, int k) {
            return IntStream.range(0, scores.length)
                    .boxed()
                    .sorted((a, b) -> {
                        int byScore = Double.compare(scores[b], scores[a]);
                        return byScore != 0 ? byScore : Integer.compare(a, b);
                    })
                    .limit(k)
                    .map(i -> Negative.of(i, scores[i]))
                    .toList();
        }

        @Override
        public void close() {
            program.close();
        }
    }
}
