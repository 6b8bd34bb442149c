package dev.plumbline.engine.model;

import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/**
 * Dropout (Srivastava et al. 2014) of what enters LoRA, as peft applies it in training: on its way
 * to a layer's A, each element is zero with some probability and the others are scaled up.
 *
 * <p>Which elements is a function of seed, step, sequence, the token's place in its sequence, layer
 * and feature, and of nothing else: the same in every pass over the sequence, whatever stands
 * beside it in a batch. Token and feature have a key of 32 random bits each, and their product
 * decides.
 */
public final class LoraDropout {
    static final String TOKENS = "dropout_tokens";
    static final String LEAST = "dropout_least";
    static final String SCALE = "dropout_scale";

    private static final double KEYS = 0x1p32;

    private final long key;
    private final Map<String, Tensor> inputs = new HashMap<>();

    /**
     * @param probability of being dropped, above 0 and below 1
     * @param widths of what enters each layer
     */
    public LoraDropout(double probability, long seed, long step, Map<String, Integer> widths) {
        key = mix(mix(seed) + step);
        inputs.put(LEAST, Tensor.ofInts(Shape.of(), least(probability)));
        inputs.put(SCALE, Tensor.of(Shape.of(), (float) (1 / (1 - probability))));
        widths.forEach((module, width) -> {
            int[] features = new int[width];
            for (int i = 0; i < width; i++) {
                features[i] = featureKey(module, i);
            }
            inputs.put(nameOfFeatures(module), Tensor.ofInts(Shape.of(width), features));
        });
    }

    /** The graph's input for the features of what enters a layer. */
    static String nameOfFeatures(String module) {
        return module + ".dropout";
    }

    /** The smallest product that is kept, so that all below it are the wanted part of all. */
    static int least(double probability) {
        return (int) (Math.round(probability * KEYS) + Integer.MIN_VALUE);
    }

    /** What a graph is fed whatever the sequences. */
    public Map<String, Tensor> inputs() {
        return inputs;
    }

    /**
     * What a graph is fed for the tokens of a batch.
     *
     * @param keys [B, S, 1], each a {@link #tokenKey}
     */
    public Map<String, Tensor> inputs(Tensor keys) {
        Map<String, Tensor> all = new HashMap<>(inputs);
        all.put(TOKENS, keys);
        return all;
    }

    /**
     * Odd, so that a token's products are as random as the features' keys.
     *
     * @param place of the token in its sequence
     */
    public int tokenKey(long sequence, int place) {
        return (int) (mix(mix(~key ^ mix(sequence)) + place) >>> 32) | 1;
    }

    int featureKey(String module, int feature) {
        return (int) (mix(mix(key ^ hash(module)) + feature) >>> 32);
    }

    /** FNV-1a. */
    private static long hash(String text) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    /** The output function of SplitMix64 (Steele et al. 2014), one increment on. */
    private static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
