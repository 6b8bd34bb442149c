package com.example.plugin;

import dev.plumbline.spi.Candidates;
import dev.plumbline.spi.Choice;
import dev.plumbline.spi.Chooser;
import dev.plumbline.spi.Negative;
import dev.plumbline.spi.NegativeSelector;
import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.Options;
import dev.plumbline.spi.Proposal;
import dev.plumbline.spi.Selection;
import dev.plumbline.spi.Workshop;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.pf4j.Extension;

/**
 * Pictures that look like the row's own but fit its answer badly: the score of a candidate is {@code
 * cos(candidate, picture) - balance * cos(candidate, answer)}, with CLIP's embeddings.
 */
@Extension
public final class TemptingSelector implements NegativeSelector {
    @Override
    public String name() {
        return "tempting";
    }

    @Override
    public List<OptionSpec> options() {
        List<OptionSpec> options = new ArrayList<>(Proposal.options());
        options.add(
                OptionSpec.number(
                        "balance", 1, 0, 10, "How much the fit of the answer counts against one."));
        return options;
    }

    /** Once a data set. What takes long, such as a fit, belongs here, with workshop.progress(...). */
    @Override
    public Chooser open(Workshop workshop, Options options) {
        double balance = options.number("balance");
        return selection -> choose(selection, balance, options);
    }

    /** Once a row. */
    private static Choice choose(Selection selection, double balance, Options options) {
        double[] scores = scores(selection, balance);
        return Proposal.isGreedy(options)
                ? Choice.greedy(best(scores, selection.k()))
                : Proposal.draw(scores, selection, options);
    }

    private static double[] scores(Selection selection, double balance) {
        float[] picture = selection.imageEmbedding();
        float[] answer = selection.chosenEmbedding();
        Candidates candidates = selection.candidates();
        double[] scores = new double[candidates.size()];
        for (int i = 0; i < scores.length; i++) {
            float[] candidate = candidates.embedding(i);
            scores[i] = dot(candidate, picture) - balance * dot(candidate, answer);
        }
        return scores;
    }

    private static List<Negative> best(double[] scores, int k) {
        return IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparing(i -> -scores[i]))
                .limit(k)
                .map(i -> Negative.of(i, scores[i]))
                .toList();
    }

    /** Embeddings have the length 1: this is the cosine. */
    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
