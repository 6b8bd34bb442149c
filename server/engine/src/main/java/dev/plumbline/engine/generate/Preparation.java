package dev.plumbline.engine.generate;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.ChatMessage;
import dev.plumbline.engine.model.EncodedPrompt;
import dev.plumbline.engine.model.ImageFeatures;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/** Conversations to what the model reads. */
final class Preparation {
    private final LoadedModel model;

    /** Most tokens of a sequence: of the context, or of the memory for keys and values. */
    private final int room;

    private final boolean memoryBound;

    Preparation(LoadedModel model, ServingLimits limits) {
        this.model = model;
        // The last token of an answer takes no room.
        long held = limits.kvBytes() / model.facts().cacheBytesPerToken() + 1;
        this.memoryBound = held < model.contextLength();
        this.room = (int) Math.min(held, model.contextLength());
    }

    Sequence.Asked of(
            List<ChatMessage> messages,
            Optional<LoraAdapter> adapter,
            SamplingOptions options,
            Cancellation cancellation) {
        requireWords(messages);
        EncodedPrompt prompt = model.prompts().encode(messages);
        int length = prompt.ids().size();
        if (length >= room) {
            throw Refusals.tooLong(length, room, memoryBound);
        }
        List<Picture> pictures =
                messages.stream().flatMap(message -> message.pictures().stream()).toList();
        List<Tensor> parts =
                pictures.stream()
                        .map(picture -> model.features().of(picture, cancellation))
                        .toList();
        List<Integer> pieces =
                parts.stream().map(part -> Math.toIntExact(part.shape().get(0))).toList();
        List<String> digests = pictures.stream().map(ImageFeatures::digest).toList();
        return new Sequence.Asked(
                prompt,
                TokenKeys.of(prompt, digests, pieces),
                ImageFeatures.joined(parts, model.facts().hiddenSize()),
                adapter,
                options,
                Math.min(room - length, options.maxNewTokens()),
                cancellation);
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
}
