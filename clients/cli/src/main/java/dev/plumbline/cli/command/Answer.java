package dev.plumbline.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.cli.output.Json;
import dev.plumbline.v1.FinishReason;
import dev.plumbline.v1.GenerateResponse;
import dev.plumbline.v1.TopLogprobs;
import dev.plumbline.v1.Usage;
import java.util.ArrayList;
import java.util.List;

/** The pieces of a streamed answer, put together. */
final class Answer {
    private final StringBuilder text = new StringBuilder();
    private final List<Integer> tokenIds = new ArrayList<>();
    private final List<Double> logprobs = new ArrayList<>();
    private final List<TopLogprobs> alternatives = new ArrayList<>();
    private String finishReason = "cancelled";
    private Usage usage = Usage.getDefaultInstance();

    void add(GenerateResponse response) {
        text.append(response.getText());
        tokenIds.addAll(response.getTokenIdsList());
        logprobs.addAll(response.getLogprobsList());
        alternatives.addAll(response.getTopLogprobsList());
        if (response.getFinishReason() != FinishReason.FINISH_REASON_UNSPECIFIED) {
            finishReason = name(response.getFinishReason());
            usage = response.getUsage();
        }
    }

    private static String name(FinishReason reason) {
        return switch (reason) {
            case STOP -> "stop";
            case LENGTH -> "length";
            case FINISH_REASON_UNSPECIFIED, UNRECOGNIZED -> "unknown";
        };
    }

    /** The stream was broken off; what came before it counts. */
    void cancel() {
        finishReason = "cancelled";
    }

    ObjectNode document() {
        ObjectNode document = Json.object().put("text", text.toString());
        document.set("token_ids", Json.integers(tokenIds));
        document.set("token_logprobs", Json.numbers(logprobs));
        if (!alternatives.isEmpty()) {
            document.set("top_logprobs", alternatives());
        }
        document.put("finish_reason", finishReason)
                .putObject("usage")
                .put("prompt_tokens", usage.getPromptTokens())
                .put("image_tokens", usage.getImageTokens())
                .put("completion_tokens", Math.max(usage.getCompletionTokens(), tokenIds.size()));
        return document;
    }

    private ArrayNode alternatives() {
        ArrayNode tokens = Json.array();
        for (TopLogprobs top : alternatives) {
            ArrayNode token = tokens.addArray();
            for (int i = 0; i < top.getTokenIdsCount(); i++) {
                token.addObject()
                        .put("token_id", top.getTokenIds(i))
                        .put("logprob", top.getLogprobs(i));
            }
        }
        return tokens;
    }
}
