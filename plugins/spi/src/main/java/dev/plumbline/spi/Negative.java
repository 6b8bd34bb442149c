package dev.plumbline.spi;

/**
 * A chosen candidate.
 *
 * @param index its place in the pool, from 0
 * @param score the selector's own, the higher the more wanted
 * @param logQ natural logarithm of its probability in one draw of the proposal
 * @param logWeight natural logarithm of its importance weight
 */
public record Negative(int index, double score, double logQ, double logWeight) {}
