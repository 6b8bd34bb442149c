package dev.plumbline.engine.generate;

import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What is computed together: prompts one after another in parts, and between the parts one more
 * token for every answer. For one thread.
 */
final class Batch implements AutoCloseable {
    private final LoadedModel model;
    private final Waiting waiting;
    private final PrefixCache prefixes;
    private final LongAdder decodeSteps;
    private final Slots slots;

    /** Of a prompt's row and of the answers' rows, so that neither is bound anew for the other. */
    private final Decoders promptDecoders;

    private final Decoders decoders;
    private final PromptStep promptStep;
    private final DecodeStep decodeStep;
    private final int chunk;

    /** The one whose prompt is being read. */
    private @Nullable Sequence reading;

    /**
     * @param decodeSteps counts the tokens that decode steps compute
     */
    Batch(
            LoadedModel model,
            ServingLimits limits,
            Waiting waiting,
            PrefixCache prefixes,
            LongAdder decodeSteps) {
        this.model = model;
        this.waiting = waiting;
        this.prefixes = prefixes;
        this.decodeSteps = decodeSteps;
        this.slots = new Slots(model.facts(), limits.slots(), limits.kvBytes());
        this.promptDecoders = new Decoders(model.sessions());
        this.decoders = new Decoders(model.sessions());
        this.promptStep = new PromptStep(model, limits.chunk());
        this.decodeStep = new DecodeStep(model, limits.slots());
        this.chunk = limits.chunk();
    }

    boolean isEmpty() {
        return slots.isEmpty();
    }

    /**
     * One round.
     *
     * @param stop ends the decode step under way
     * @return false where there was nothing to do
     */
    boolean step(Cancellation stop) {
        slots.sequences().stream().filter(Sequence::isGone).forEach(this::release);
        boolean read = readPrompts();
        return decode(stop) || read;
    }

    /** Reads about a chunk of tokens: of one prompt, or of several short ones. */
    private boolean readPrompts() {
        int left = chunk;
        Sequence sequence = next();
        while (sequence != null) {
            int tokens = sequence.asked().promptTokens() - sequence.length();
            if (left < chunk && tokens > left) {
                break;
            }
            left -= read(sequence);
            sequence = left > 0 ? next() : null;
        }
        return left < chunk;
    }

    /** The one whose prompt is to be read on: in the order in which they came. */
    private @Nullable Sequence next() {
        while (reading == null) {
            Sequence first = waiting.first();
            if (first == null) {
                return null;
            }
            try {
                if (!slots.place(first)) {
                    return null;
                }
                reading = first;
                restore(first);
            } catch (RuntimeException | Error e) {
                if (first.row() >= 0) {
                    release(first);
                }
                first.handoff().fail(e);
            }
            waiting.remove(first);
        }
        return reading;
    }

    /** All but the last token of a prompt may be known; that one tells what comes next. */
    private void restore(Sequence sequence) {
        Sequence.Asked asked = sequence.asked();
        sequence.append(
                prefixes.restore(
                        asked.adapterDigest(),
                        asked.keys(),
                        asked.promptTokens() - 1,
                        slots.buffer(),
                        sequence.row()));
    }

    /** Reads on, and tells how many tokens that were. */
    private int read(Sequence sequence) {
        Sequence.Asked asked = sequence.asked();
        int tokens = Math.min(chunk, asked.promptTokens() - sequence.length());
        try {
            promptStep
                    .run(sequence, tokens, slots.buffer(), promptDecoders)
                    .ifPresent(logits -> begin(sequence, logits));
        } catch (RuntimeException | Error e) {
            fail(sequence, e);
        }
        return tokens;
    }

    /** The prompt has been read. */
    private void begin(Sequence sequence, float[] logits) {
        reading = null;
        boolean more = sequence.choose(logits, model.endIds());
        Sequence.Asked asked = sequence.asked();
        prefixes.store(asked.adapterDigest(), asked.keys(), slots.buffer(), sequence.row());
        if (!more) {
            release(sequence);
        }
    }

    /** One more token for each whose reader keeps up. */
    private boolean decode(Cancellation stop) {
        slots.compact();
        List<Sequence> ready = slots.sequences().stream().filter(Sequence::isReady).toList();
        if (ready.isEmpty()) {
            return false;
        }
        decodeSteps.add(ready.size());
        try {
            decodeStep.run(slots, ready, decoders, stop);
        } catch (RuntimeException | Error e) {
            Throwable why = stop.isCancelled() ? Refusals.closed() : e;
            ready.forEach(sequence -> fail(sequence, why));
            return true;
        }
        for (int i = 0; i < ready.size(); i++) {
            Sequence sequence = ready.get(i);
            try {
                if (!sequence.choose(decodeStep.logits(i), model.endIds())) {
                    release(sequence);
                }
            } catch (RuntimeException | Error e) {
                fail(sequence, e);
            }
        }
        return true;
    }

    private void release(Sequence sequence) {
        if (reading == sequence) {
            reading = null;
        }
        slots.release(sequence);
    }

    /** Ends one with a failure; the others go on. */
    private void fail(Sequence sequence, Throwable why) {
        release(sequence);
        sequence.handoff().fail(why);
    }

    /** Ends all that have a row. */
    void failAll(Throwable why) {
        slots.sequences().forEach(sequence -> fail(sequence, why));
    }

    /** Gives back what is not needed while nobody asks. */
    void rest() {
        close();
    }

    /** Nobody may have a row. */
    @Override
    public void close() {
        promptDecoders.close();
        decoders.close();
        slots.close();
    }
}
