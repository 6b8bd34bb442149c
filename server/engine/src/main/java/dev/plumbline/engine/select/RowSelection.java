package dev.plumbline.engine.select;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.spi.Raster;
import dev.plumbline.spi.Selection;
import java.util.random.RandomGenerator;

/**
 * What a selector is given of a row.
 *
 * @param index of the row in its data set
 * @param relaxed whether the guard had to let risky candidates back in, for want of others
 */
record RowSelection(
        PreferenceExample row,
        int index,
        int k,
        RandomGenerator random,
        PoolCandidates candidates,
        RowEmbeddings embeddings,
        boolean relaxed)
        implements Selection {
    /** The same of other candidates, all of which are to be chosen. */
    RowSelection all(PoolCandidates others) {
        return new RowSelection(row, index, others.size(), random, others, embeddings, relaxed);
    }

    @Override
    public String prompt() {
        return row.prompt();
    }

    @Override
    public String chosen() {
        return row.chosen();
    }

    @Override
    public Raster image() {
        Picture picture = RowEmbeddings.picture(row.image());
        return new Raster(picture.width(), picture.height(), picture.rgb());
    }

    @Override
    public float[] imageEmbedding() {
        return embeddings.image(index);
    }

    @Override
    public float[] promptEmbedding() {
        return embeddings.prompt(index);
    }

    @Override
    public float[] chosenEmbedding() {
        return embeddings.chosen(index);
    }
}
