package dev.plumbline.engine.generate;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.ChatMessage;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.runtime.Cancellation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Answers, one token at a time. May be called from several threads at once: what they ask is
 * computed together, and each gets what it would get alone. Ends with its model at the latest.
 */
public final class Generator implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final LoadedModel model;
    private final ServingLimits limits;
    private final Scheduler scheduler;
    private final Preparation preparation;
    private final AtomicInteger inside = new AtomicInteger();

    public Generator(LoadedModel model) {
        this(model, ServingLimits.defaults(model.facts()));
    }

    public Generator(LoadedModel model, ServingLimits limits) {
        this(model, limits, PATIENCE);
    }

    /**
     * @param patience how long the memory of keys and values is kept while nobody asks
     */
    Generator(LoadedModel model, ServingLimits limits, Duration patience) {
        this.model = model;
        this.limits = limits;
        this.scheduler = new Scheduler(model, limits, patience);
        this.preparation = new Preparation(model, limits);
        model.beforeClose(this::close);
    }

    /** Tokens that decode steps have computed so far, for all calls. */
    public long decodeSteps() {
        return scheduler.decodeSteps();
    }

    /** Requests under way and waiting. */
    public int requests() {
        return inside.get();
    }

    /** Requests that wait for a slot. */
    public int waiting() {
        return scheduler.waiting();
    }

    /** What was reused of the beginnings of prompts. */
    public PrefixCounts.Snapshot prefixes() {
        return scheduler.prefixes().get();
    }

    /**
     * Continues a conversation with an answer.
     *
     * @param pieces is handed the answer step by step, on the calling thread; a slow one delays
     *     nobody else's
     * @throws PlumblineException {@code PROMPT_EMPTY}, {@code PROMPT_TOO_LONG}, {@code QUEUE_FULL},
     *     {@code CANCELLED} within one decode step of the cancellation
     */
    public Completion generate(
            List<ChatMessage> messages,
            Optional<LoraAdapter> adapter,
            SamplingOptions options,
            Cancellation cancellation,
            Consumer<Piece> pieces) {
        try (Prepared prepared = prepare(messages, adapter, options, cancellation)) {
            return answer(prepared, pieces);
        }
    }

    /**
     * The part of a request that computes on the calling thread: it reads the prompt's words and
     * looks at its pictures.
     *
     * @throws PlumblineException as {@link #generate} does
     */
    public Prepared prepare(
            List<ChatMessage> messages,
            Optional<LoraAdapter> adapter,
            SamplingOptions options,
            Cancellation cancellation) {
        enter();
        try {
            Sequence.Asked asked = preparation.of(messages, adapter, options, cancellation);
            return new Prepared(asked, inside::decrementAndGet);
        } catch (RuntimeException | Error e) {
            inside.decrementAndGet();
            throw e;
        }
    }

    /**
     * The part of a request that waits, and hands the answer on.
     *
     * @throws PlumblineException as {@link #generate} does
     */
    public Completion answer(Prepared prepared, Consumer<Piece> pieces) {
        Sequence.Asked asked = prepared.asked();
        Sequence sequence = new Sequence(asked, scheduler::wake);
        Answer answer = new Answer(model, asked.options(), pieces);
        scheduler.submit(sequence);
        try {
            for (int count = 1; ; count++) {
                answer.add(sequence.handoff().take(asked.cancellation()));
                if (answer.ended() || count == asked.limit()) {
                    answer.finish();
                    FinishReason reason = answer.ended() ? FinishReason.STOP : FinishReason.LENGTH;
                    int images = asked.prompt().imagePositions().size();
                    return new Completion(reason, asked.promptTokens(), images, count);
                }
            }
        } finally {
            scheduler.withdraw(sequence);
        }
    }

    private void enter() {
        int most = limits.slots() + limits.queue();
        if (inside.incrementAndGet() > most) {
            inside.decrementAndGet();
            throw Refusals.full(limits.slots(), limits.queue());
        }
    }

    /** Ends what is under way; the model stays. */
    @Override
    public void close() {
        scheduler.close();
    }
}
