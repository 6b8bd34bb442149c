package dev.plumbline.server.service;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.generate.Completion;
import dev.plumbline.engine.generate.Generator;
import dev.plumbline.engine.generate.Piece;
import dev.plumbline.engine.generate.Prepared;
import dev.plumbline.engine.generate.SamplingOptions;
import dev.plumbline.engine.model.ChatMessage;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.runtime.Cancellation;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Answers about pictures. */
@Singleton
public final class GenerationUseCase {
    private static final List<String> ROLES = List.of("system", "user", "assistant");

    private final ModelRegistry models;
    private final AdapterRegistry adapters;
    private final Pictures pictures;
    private final Pools pools;

    public GenerationUseCase(
            ModelRegistry models, AdapterRegistry adapters, Pictures pictures, Pools pools) {
        this.models = models;
        this.adapters = adapters;
        this.pictures = pictures;
        this.pools = pools;
    }

    /**
     * What is asked.
     *
     * @param adapter empty for the model alone
     */
    public record Question(
            String model, String adapter, List<Turn> turns, SamplingOptions options) {
        public Question {
            turns = List.copyOf(turns);
        }
    }

    /**
     * Answers piece by piece; stops within a token of the cancellation. The calling thread waits,
     * and hands on what the model's own thread computes.
     */
    public Completion generate(
            Question question, Cancellation cancellation, Consumer<Piece> pieces) {
        try (ModelLease lease = models.lease(question.model(), "model")) {
            Generator generator = lease.served().generator();
            try (Prepared prepared =
                    pools.preparation()
                            .call(() -> prepare(question, lease.served(), cancellation))) {
                return generator.answer(prepared, pieces);
            }
        } catch (PlumblineException e) {
            throw e.field().filter("prompt"::equals).isPresent()
                    ? Failures.at(e, promptField(question.turns()))
                    : e;
        }
    }

    private Prepared prepare(Question question, ServedModel served, Cancellation cancellation) {
        cancellation.check();
        Optional<LoraAdapter> adapter = adapters.forCall(question.adapter(), served);
        List<ChatMessage> messages = messages(question.turns(), served.model());
        return served.generator().prepare(messages, adapter, question.options(), cancellation);
    }

    /** What the engine calls the prompt, as the request has it. */
    private static String promptField(List<Turn> turns) {
        return turns.isEmpty() || turns.getFirst().field().equals("parts") ? "parts" : "messages";
    }

    private List<ChatMessage> messages(List<Turn> turns, LoadedModel model) {
        boolean words =
                turns.stream()
                        .flatMap(t -> t.contents().stream())
                        .anyMatch(c -> c instanceof Turn.Content.Words(var t) && !t.isBlank());
        if (!words) {
            String field = turns.isEmpty() ? "parts" : turns.getFirst().field();
            throw PlumblineException.invalid(
                    field, "PROMPT_EMPTY", "the prompt is empty: give a text part in " + field);
        }
        long images =
                turns.stream()
                        .flatMap(t -> t.contents().stream())
                        .filter(Turn.Content.Image.class::isInstance)
                        .count();
        pictures.checkCount((int) images, "parts");
        return turns.stream().map(turn -> message(turn, model)).toList();
    }

    private ChatMessage message(Turn turn, LoadedModel model) {
        if (!ROLES.contains(turn.role())) {
            String field = turn.field() + ".role";
            throw PlumblineException.invalid(
                    field,
                    "ROLE_UNKNOWN",
                    "%s is \"%s\"; it must be one of %s"
                            .formatted(field, turn.role(), String.join(", ", ROLES)),
                    Map.of("role", turn.role(), "available", String.join(", ", ROLES)));
        }
        return new ChatMessage(
                turn.role(), turn.contents().stream().map(c -> part(c, model)).toList());
    }

    private ChatMessage.Part part(Turn.Content content, LoadedModel model) {
        return switch (content) {
            case Turn.Content.Words(var text) -> new ChatMessage.Part.Text(text);
            case Turn.Content.Image(var image) ->
                    new ChatMessage.Part.Image(pictures.decode(image, model));
        };
    }
}
