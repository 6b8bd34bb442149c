package dev.plumbline.engine.generate;

import dev.plumbline.engine.checkpoint.StreamDecoder;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.ChatMessage;
import dev.plumbline.engine.model.EncodedPrompt;
import dev.plumbline.engine.model.FiniteLogps;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.model.LoraTensors;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Answers, one token at a time. May be called from several threads at once. */
public final class Generator {
    private final LoadedModel model;
    private final AtomicLong decodeSteps = new AtomicLong();

    public Generator(LoadedModel model) {
        this.model = model;
    }

    /** Decode steps run so far, by all calls. */
    public long decodeSteps() {
        return decodeSteps.get();
    }

    /**
     * Continues a conversation with an answer.
     *
     * @param pieces is handed the answer step by step, on the calling thread
     * @throws PlumblineException {@code PROMPT_EMPTY}, {@code PROMPT_TOO_LONG}, {@code CANCELLED}
     *     within one decode step of the cancellation
     */
    public Completion generate(
            List<ChatMessage> messages,
            Optional<LoraAdapter> adapter,
            SamplingOptions options,
            Cancellation cancellation,
            Consumer<Piece> pieces) {
        requireWords(messages);
        EncodedPrompt prompt = model.prompts().encode(messages);
        int length = prompt.ids().size();
        int room = model.contextLength() - length;
        if (room < 1) {
            throw PlumblineException.invalid(
                    "prompt",
                    "PROMPT_TOO_LONG",
                    "prompt and pictures fill the model's context of %d tokens; shorten the prompt"
                            .formatted(model.contextLength()));
        }
        Tensor features = features(messages, cancellation);
        int limit = Math.min(room, options.maxNewTokens());
        LoraTensors lora = adapter.map(LoraAdapter::tensors).orElse(LoraTensors.NONE);
        try (DecodeState state = new DecodeState(model, lora, prompt.positions(), length + limit)) {
            float[] logits =
                    state.append(prompt.ids(), features, prompt.imagePositions(), cancellation);
            Answer answer = new Answer(prompt, options, pieces);
            for (int count = 1; ; count++) {
                int token = answer.add(logits);
                if (answer.ended || count == limit) {
                    answer.finish();
                    FinishReason reason = answer.ended ? FinishReason.STOP : FinishReason.LENGTH;
                    return new Completion(reason, length, prompt.imagePositions().size(), count);
                }
                cancellation.check();
                decodeSteps.incrementAndGet();
                logits = state.append(token, cancellation);
            }
        }
    }

    /** The answer so far, and how it is told. */
    private final class Answer {
        private final SamplingOptions options;
        private final Consumer<Piece> pieces;
        private final Sampler sampler;
        private final StreamDecoder decoder = new StreamDecoder(model.tokenizer());
        private final StopText stopText;
        private boolean ended;

        Answer(EncodedPrompt prompt, SamplingOptions options, Consumer<Piece> pieces) {
            this.options = options;
            this.pieces = pieces;
            this.sampler = new Sampler(options, prompt.ids());
            this.stopText = new StopText(options.stop());
        }

        /** Chooses a token and hands it on. */
        int add(float[] logits) {
            int token = sampler.next(logits);
            LogSoftmax logps = new LogSoftmax(logits);
            FiniteLogps.require(logps.of(token));
            boolean end = model.endIds().contains(token);
            String text = stopText.push(end ? "" : decoder.push(token));
            ended = end || stopText.reached();
            pieces.accept(
                    new Piece(
                            text,
                            List.of(token),
                            List.of(logps.of(token)),
                            options.topLogprobs() == 0
                                    ? List.of()
                                    : List.of(logps.top(options.topLogprobs()))));
            return token;
        }

        /** Tells what was held back. */
        void finish() {
            String rest = stopText.reached() ? "" : stopText.push(decoder.finish());
            ended |= stopText.reached();
            rest += stopText.finish();
            if (!rest.isEmpty()) {
                pieces.accept(new Piece(rest, List.of(), List.of(), List.of()));
            }
        }
    }

    private static void requireWords(List<ChatMessage> messages) {
        boolean words =
                messages.stream()
                        .flatMap(message -> message.parts().stream())
                        .anyMatch(part ->
                                part instanceof ChatMessage.Part.Text(String text)
                                        && !text.isBlank());
        if (!words) {
            throw PlumblineException.invalid(
                    "parts", "PROMPT_EMPTY", "the prompt has no words; give it a text part");
        }
    }

    private Tensor features(List<ChatMessage> messages, Cancellation cancellation) {
        List<Picture> pictures =
                messages.stream().flatMap(message -> message.pictures().stream()).toList();
        List<Tensor> parts =
                pictures.stream()
                        .map(picture -> model.features().of(picture, cancellation))
                        .toList();
        long pieces = parts.stream().mapToLong(part -> part.shape().get(0)).sum();
        Tensor all = Tensor.zeros(DType.F32, Shape.of(pieces, model.facts().hiddenSize()));
        long at = 0;
        for (Tensor part : parts) {
            long end = at + part.shape().get(0);
            all.slice(at, end).copyFrom(part);
            at = end;
        }
        return all;
    }
}
