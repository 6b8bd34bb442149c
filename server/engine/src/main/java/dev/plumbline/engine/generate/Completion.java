package dev.plumbline.engine.generate;

/**
 * How an answer ended and what it took.
 *
 * @param imageTokens those of the prompt's tokens that stand for pictures
 * @param completionTokens the end token counted
 */
public record Completion(
        FinishReason finishReason, int promptTokens, int imageTokens, int completionTokens) {}
