package com.example.plugin;

import dev.plumbline.spi.Array;
import dev.plumbline.spi.Candidates;
import dev.plumbline.spi.Compute;
import dev.plumbline.spi.Raster;
import dev.plumbline.spi.Selection;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** A row and its candidates, as a test makes them. */
record Row(float[] imageEmbedding, float[] chosenEmbedding, float[][] pool, int k)
        implements Selection, Candidates {
    @Override
    public String prompt() {
        return "What is this?";
    }

    @Override
    public String chosen() {
        return "A dog.";
    }

    @Override
    public RandomGenerator random() {
        return new SplittableRandom(7);
    }

    @Override
    public Candidates candidates() {
        return this;
    }

    @Override
    public Raster image() {
        return new Raster(1, 1, new byte[3]);
    }

    @Override
    public float[] promptEmbedding() {
        return imageEmbedding;
    }

    @Override
    public int size() {
        return pool.length;
    }

    @Override
    public int dimension() {
        return imageEmbedding.length;
    }

    @Override
    public float[] embedding(int index) {
        return pool[index].clone();
    }

    @Override
    public Map<String, Array> compute(Compute.Program program, Map<String, Array> inputs) {
        throw new UnsupportedOperationException("a server computes");
    }
}
