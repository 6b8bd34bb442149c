package dev.plumbline.engine.data;

import java.nio.file.Path;

/**
 * An image that a row's chosen answer must not fit.
 *
 * @param score the selector's own
 * @param logQ log-probability of one draw of it, NaN where it is not known
 * @param logWeight logarithm of its importance weight, 0 where there was no proposal
 */
public record NegativeImage(
        Path image,
        double score,
        double logQ,
        double logWeight,
        String selector,
        String selectorVersion) {}
