package dev.plumbline.server.grpc;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.generate.SamplingOptions;
import dev.plumbline.server.service.EmbeddingUseCase.Subject;
import dev.plumbline.server.service.EncodedImage;
import dev.plumbline.server.service.GenerationUseCase.Question;
import dev.plumbline.server.service.ScoringUseCase.Answer;
import dev.plumbline.server.service.Turn;
import dev.plumbline.v1.EmbedRequest;
import dev.plumbline.v1.GenerateRequest;
import dev.plumbline.v1.Image;
import dev.plumbline.v1.Message;
import dev.plumbline.v1.Part;
import dev.plumbline.v1.ScoreRequest;
import dev.plumbline.v1.TokenizeRequest;
import java.util.ArrayList;
import java.util.List;

/** What clients ask, as our records; what 0 and empty stand for is resolved here. */
final class Questions {
    private static final int DEFAULT_NEW_TOKENS = 256;

    private Questions() {}

    static Question of(GenerateRequest request) {
        return new Question(
                request.getModel(), request.getAdapter(), turns(request), sampling(request));
    }

    static Answer of(ScoreRequest request) {
        return new Answer(
                request.getModel(),
                request.getAdapter(),
                request.getPrompt(),
                request.getAnswer(),
                images(request.getImagesList()));
    }

    static Answer of(TokenizeRequest request) {
        return new Answer(
                request.getModel(),
                "",
                request.getPrompt(),
                request.getAnswer(),
                images(request.getImagesList()));
    }

    static Subject of(EmbedRequest request) {
        return new Subject(
                request.getModel(), images(request.getImagesList()), request.getTextsList());
    }

    private static SamplingOptions sampling(GenerateRequest request) {
        int tokens = request.getMaxNewTokens();
        return new SamplingOptions(
                tokens == 0 ? DEFAULT_NEW_TOKENS : tokens,
                new SamplingOptions.Randomness(
                        request.getTemperature(),
                        oneIfZero(request.getTopP()),
                        request.getTopK(),
                        request.getSeed()),
                oneIfZero(request.getRepetitionPenalty()),
                request.getStopList(),
                request.getTopLogprobs());
    }

    private static double oneIfZero(double value) {
        return value == 0 ? 1 : value;
    }

    private static List<Turn> turns(GenerateRequest request) {
        if (request.getMessagesCount() == 0) {
            return List.of(new Turn("parts", "user", contents("parts", request.getPartsList())));
        }
        if (request.getPartsCount() > 0) {
            throw PlumblineException.invalid(
                    "parts", "PROMPT_AMBIGUOUS", "give either parts or messages, not both");
        }
        var turns = new ArrayList<Turn>();
        for (Message message : request.getMessagesList()) {
            String field = "messages[%d]".formatted(turns.size());
            turns.add(
                    new Turn(
                            field,
                            message.getRole(),
                            contents(field + ".parts", message.getPartsList())));
        }
        return turns;
    }

    private static List<Turn.Content> contents(String field, List<Part> parts) {
        var contents = new ArrayList<Turn.Content>();
        for (Part part : parts) {
            contents.add(content("%s[%d]".formatted(field, contents.size()), part));
        }
        return contents;
    }

    private static Turn.Content content(String field, Part part) {
        return switch (part.getPartCase()) {
            case TEXT -> new Turn.Content.Words(part.getText());
            case IMAGE -> new Turn.Content.Image(image(field + ".image", part.getImage()));
            case PART_NOT_SET ->
                    throw PlumblineException.invalid(
                            field, "FIELD_MISSING", field + " has neither text nor image");
        };
    }

    private static List<EncodedImage> images(List<Image> images) {
        var encoded = new ArrayList<EncodedImage>();
        for (Image image : images) {
            encoded.add(image("images[%d]".formatted(encoded.size()), image));
        }
        return encoded;
    }

    private static EncodedImage image(String field, Image image) {
        return new EncodedImage(field, image.getData().toByteArray());
    }
}
