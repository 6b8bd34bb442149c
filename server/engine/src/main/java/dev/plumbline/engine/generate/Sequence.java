package dev.plumbline.engine.generate;

import dev.plumbline.engine.model.EncodedPrompt;
import dev.plumbline.engine.model.FiniteLogps;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A request as it is computed: how far it is, where its keys and values stand. */
final class Sequence {
    private final Asked asked;
    private final Handoff handoff;
    private final Sampler sampler;

    /** Its row of the buffer, while it has one. */
    private int row = -1;

    /** Tokens whose keys and values are there. */
    private int length;

    /** Tokens chosen so far; the last of them is not yet among those of {@code length}. */
    private int chosen;

    private int last;

    /**
     * What is to be continued, and how.
     *
     * @param features of the prompt's pictures, [pieces, hidden]
     * @param limit most tokens of the answer
     */
    record Asked(
            EncodedPrompt prompt,
            TokenKeys keys,
            Tensor features,
            Optional<LoraAdapter> adapter,
            SamplingOptions options,
            int limit,
            Cancellation cancellation) {
        int promptTokens() {
            return prompt.ids().size();
        }

        /** Most tokens that will be in the cache; the last one of the answer never is. */
        int need() {
            return promptTokens() + limit - 1;
        }

        /** The adapter's digest; empty for the model alone. */
        String adapterDigest() {
            return adapter.map(LoraAdapter::digest).orElse("");
        }
    }

    Sequence(Asked asked, Runnable wake) {
        this.asked = asked;
        this.handoff = new Handoff(wake);
        this.sampler = new Sampler(asked.options(), asked.prompt().ids());
    }

    Asked asked() {
        return asked;
    }

    Handoff handoff() {
        return handoff;
    }

    int row() {
        return row;
    }

    void moveTo(int other) {
        row = other;
    }

    int length() {
        return length;
    }

    void append(int tokens) {
        length += tokens;
    }

    /** The token that a decode step appends. */
    int last() {
        return last;
    }

    /** Whether a decode step would be of use now. */
    boolean isReady() {
        return chosen > 0 && handoff.hasRoom();
    }

    /** Whether nobody waits for it any more. */
    boolean isGone() {
        return handoff.isLeft() || asked.cancellation().isCancelled();
    }

    /**
     * Chooses the next token and hands it on.
     *
     * @return whether another can follow
     */
    boolean choose(float[] logits, Set<Integer> ends) {
        int token = sampler.next(logits);
        LogSoftmax logps = new LogSoftmax(logits);
        FiniteLogps.require(logps.of(token));
        int top = asked.options().topLogprobs();
        handoff.put(new Sampled(token, logps.of(token), top == 0 ? List.of() : logps.top(top)));
        last = token;
        chosen++;
        return chosen < asked.limit() && !ends.contains(token);
    }
}
