package dev.plumbline.engine.generate;

import java.util.List;

/**
 * A token that was chosen.
 *
 * @param logprob of the model's own distribution
 * @param top the likeliest tokens, as many as were asked for
 */
record Sampled(int token, double logprob, List<TokenLogprob> top) {}
