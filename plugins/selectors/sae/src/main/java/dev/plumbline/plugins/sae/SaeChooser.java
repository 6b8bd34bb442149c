package dev.plumbline.plugins.sae;

import dev.plumbline.plugins.sae.SaeScorer.Scored;
import dev.plumbline.spi.Choice;
import dev.plumbline.spi.Chooser;
import dev.plumbline.spi.Negative;
import dev.plumbline.spi.Options;
import dev.plumbline.spi.Proposal;
import dev.plumbline.spi.Selection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Chooses for one row after the other. */
record SaeChooser(SaeScorer scorer, Options options) implements Chooser {
    @Override
    public Choice choose(Selection selection) {
        Scored scored =
                scorer.score(
                        selection.imageEmbedding(),
                        selection.promptEmbedding(),
                        selection.candidates());
        double[] scores = scored.scores();
        Choice choice =
                Proposal.isGreedy(options)
                        ? Choice.greedy(
                                new Greedy(scored, scores, options.number(SaeOptions.DIVERSITY))
                                        .choose(selection.k()))
                        : Proposal.draw(scores, selection, options);
        List<Negative> told =
                choice.negatives().stream()
                        .map(negative -> negative.with(latents(scored, negative.index())))
                        .toList();
        return new Choice(told, choice.sampling(), choice.temperature());
    }

    private static List<Negative.Latent> latents(Scored scored, int candidate) {
        int latents = scored.latents();
        return IntStream.range(0, latents)
                .mapToObj(j -> new Negative.Latent(j, scored.z().get(candidate * latents + j)))
                .sorted(Comparator.comparingDouble(Negative.Latent::activation).reversed())
                .toList();
    }

    @Override
    public void close() {
        scorer.close();
    }
}
