package dev.plumbline.engine.select;

import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.spi.Choice;
import dev.plumbline.spi.Negative;
import dev.plumbline.spi.Raster;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a selector chose, as it is recorded with the row. */
final class MinedNegatives {
    /** Latents of a negative that are recorded. */
    private static final int STRONGEST = 8;

    static final String RELAXED = "guard_relaxed";
    private static final String FALSE_NEGATIVE = "likely_false_negative";

    private final MiningSetup setup;
    private final RowEmbeddings embeddings;
    private final Pictures pictures;

    MinedNegatives(MiningSetup setup, RowEmbeddings embeddings) {
        this.setup = setup;
        this.embeddings = embeddings;
        this.pictures = new Pictures(setup.folders().pictures());
    }

    List<NegativeImage> of(RowSelection selection, Choice choice, Optional<Guard.Verdict> verdict) {
        return choice.negatives().stream()
                .map(negative -> of(selection, negative, verdict))
                .toList();
    }

    private NegativeImage of(
            RowSelection selection, Negative negative, Optional<Guard.Verdict> verdict) {
        Raster made = negative.picture();
        int candidate = made == null ? selection.candidates().inPool(negative.index()) : -1;
        double risk =
                made == null
                        ? verdict.map(v -> (double) v.risks()[candidate]).orElse(Double.NaN)
                        : risk(selection, made);
        return new NegativeImage(
                made == null ? setup.source().pool().file(candidate) : pictures.made(made),
                negative.score(),
                negative.logQ(),
                negative.logWeight(),
                setup.strategy().selector().name(),
                setup.strategy().version(),
                new NegativeImage.Details(
                        candidate, risk, latents(negative), flags(selection, made, risk)));
    }

    /** Of a picture that was made from the row's own, that it is near says nothing. */
    private double risk(RowSelection selection, Raster made) {
        if (!embeddings.available()) {
            return Double.NaN;
        }
        float[] vector = embeddings.of(new Picture(made.width(), made.height(), made.rgb()));
        float[] chosen = selection.chosenEmbedding();
        double own = Guard.dot(selection.imageEmbedding(), chosen);
        return own > 0 ? Guard.dot(vector, chosen) / own : Double.NaN;
    }

    private List<String> flags(RowSelection selection, @Nullable Raster made, double risk) {
        if (made != null) {
            return risk >= setup.guard().falseNegativeMargin()
                    ? List.of(FALSE_NEGATIVE)
                    : List.of();
        }
        return selection.relaxed() ? List.of(RELAXED) : List.of();
    }

    private static List<NegativeImage.Latent> latents(Negative negative) {
        return negative.latents().stream()
                .limit(STRONGEST)
                .map(latent -> new NegativeImage.Latent(latent.index(), latent.activation()))
                .toList();
    }
}
