package dev.plumbline.server.grpc;

import dev.plumbline.engine.generate.Completion;
import dev.plumbline.engine.generate.Piece;
import dev.plumbline.engine.generate.TokenLogprob;
import dev.plumbline.engine.score.Tokenization;
import dev.plumbline.server.service.EmbeddingUseCase.Embeddings;
import dev.plumbline.v1.AnswerScore;
import dev.plumbline.v1.EmbedResponse;
import dev.plumbline.v1.Embedding;
import dev.plumbline.v1.FinishReason;
import dev.plumbline.v1.GenerateResponse;
import dev.plumbline.v1.ScoreResponse;
import dev.plumbline.v1.TokenizeResponse;
import dev.plumbline.v1.TopLogprobs;
import dev.plumbline.v1.Usage;
import java.util.List;

/** What the engine answers, as protobuf. */
final class Answers {
    private Answers() {}

    static GenerateResponse of(Piece piece) {
        return GenerateResponse.newBuilder()
                .setText(piece.text())
                .addAllTokenIds(piece.tokenIds())
                .addAllLogprobs(piece.logprobs())
                .addAllTopLogprobs(piece.topLogprobs().stream().map(Answers::alternatives).toList())
                .build();
    }

    static GenerateResponse last(Completion completion) {
        return GenerateResponse.newBuilder()
                .setFinishReason(reason(completion.finishReason()))
                .setUsage(
                        Usage.newBuilder()
                                .setPromptTokens(completion.promptTokens())
                                .setImageTokens(completion.imageTokens())
                                .setCompletionTokens(completion.completionTokens()))
                .build();
    }

    static ScoreResponse of(List<dev.plumbline.engine.score.AnswerScore> scores) {
        return ScoreResponse.newBuilder()
                .addAllScores(scores.stream().map(Answers::score).toList())
                .build();
    }

    static TokenizeResponse of(Tokenization tokenization) {
        return TokenizeResponse.newBuilder()
                .setPrompt(tokenization.prompt())
                .addAllInputIds(tokenization.inputIds())
                .setAnswerStart(tokenization.answerStart())
                .build();
    }

    static EmbedResponse of(Embeddings embeddings) {
        return EmbedResponse.newBuilder()
                .addAllImages(embeddings.images().stream().map(Answers::embedding).toList())
                .addAllTexts(embeddings.texts().stream().map(Answers::embedding).toList())
                .build();
    }

    private static Embedding embedding(float[] vector) {
        Embedding.Builder embedding = Embedding.newBuilder();
        for (float value : vector) {
            embedding.addValues(value);
        }
        return embedding.build();
    }

    private static AnswerScore score(dev.plumbline.engine.score.AnswerScore score) {
        return AnswerScore.newBuilder()
                .addAllTokenIds(score.tokenIds())
                .addAllTokenLogprobs(score.tokenLogprobs())
                .setSum(score.sum())
                .build();
    }

    private static TopLogprobs alternatives(List<TokenLogprob> tokens) {
        return TopLogprobs.newBuilder()
                .addAllTokenIds(tokens.stream().map(TokenLogprob::id).toList())
                .addAllLogprobs(tokens.stream().map(TokenLogprob::logprob).toList())
                .build();
    }

    private static FinishReason reason(dev.plumbline.engine.generate.FinishReason reason) {
        return switch (reason) {
            case STOP -> FinishReason.STOP;
            case LENGTH -> FinishReason.LENGTH;
        };
    }
}
