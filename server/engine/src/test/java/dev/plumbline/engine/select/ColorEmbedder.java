package dev.plumbline.engine.select;

import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.runtime.Cancellation;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Embeds pictures by how much of each of 64 colors they hold, texts by their letters. */
final class ColorEmbedder implements Embedder {
    private final String digest;
    private final AtomicInteger embedded = new AtomicInteger();

    ColorEmbedder(String digest) {
        this.digest = digest;
    }

    /** Pictures embedded so far, those that fill up a batch included. */
    int embedded() {
        return embedded.get();
    }

    @Override
    public int dimension() {
        return 64;
    }

    @Override
    public String digest() {
        return digest;
    }

    @Override
    public float[][] images(List<Picture> pictures, Cancellation cancellation) {
        embedded.addAndGet(pictures.size());
        return pictures.stream().map(ColorEmbedder::vector).toArray(float[][]::new);
    }

    private static float[] vector(Picture picture) {
        float[] counts = new float[64];
        byte[] rgb = picture.rgb();
        for (int i = 0; i < rgb.length; i += Picture.CHANNELS) {
            counts[(rgb[i] & 0xc0) >> 2 | (rgb[i + 1] & 0xc0) >> 4 | (rgb[i + 2] & 0xc0) >> 6]++;
        }
        return normalized(counts);
    }

    @Override
    public float[][] texts(List<String> texts, Cancellation cancellation) {
        return texts.stream()
                .map(text -> {
                    float[] counts = new float[64];
                    text.chars().forEach(c -> counts[c % 64]++);
                    return normalized(counts);
                })
                .toArray(float[][]::new);
    }

    private static float[] normalized(float[] vector) {
        double squares = 0;
        for (float value : vector) {
            squares += value * value;
        }
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) (vector[i] / Math.sqrt(squares));
        }
        return vector;
    }
}
