package dev.plumbline.engine.generate;

/** A token and its natural log-probability. */
public record TokenLogprob(int id, double logprob) {}
