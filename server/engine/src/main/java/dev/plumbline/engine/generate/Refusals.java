package dev.plumbline.engine.generate;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.util.Map;

/** Why a request gets no answer though nothing is wrong with it. */
final class Refusals {
    private Refusals() {}

    static PlumblineException full(int running, int waiting) {
        return new PlumblineException(
                ErrorCode.RESOURCE_EXHAUSTED,
                "QUEUE_FULL",
                "%d answers are under way and %d requests wait already: try again in a second"
                        .formatted(running, waiting),
                Map.of(
                        "slots", Integer.toString(running),
                        "queue", Integer.toString(waiting),
                        "retry_after_seconds", "1"));
    }

    static PlumblineException closed() {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "MODEL_UNLOADED",
                "the model was unloaded: load it again",
                Map.of());
    }

    static PlumblineException interrupted(InterruptedException cause) {
        return new PlumblineException(
                        ErrorCode.CANCELLED, "CANCELLED", "the work was interrupted", Map.of())
                .causedBy(cause);
    }

    static PlumblineException tooLong(int tokens, int room, boolean memory) {
        String message =
                memory
                        ? "prompt and pictures take %d tokens, the memory for keys and values holds %d; shorten the prompt, or allow more memory"
                        : "prompt and pictures take %d tokens of the model's context of %d, which leaves no room for an answer; shorten the prompt";
        return PlumblineException.invalid(
                "prompt",
                "PROMPT_TOO_LONG",
                message.formatted(tokens, room),
                Map.of("tokens", Integer.toString(tokens), "room", Integer.toString(room)));
    }
}
