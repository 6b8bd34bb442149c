package dev.plumbline.engine.model;

import dev.plumbline.engine.checkpoint.LoadProgress;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.Precision;
import java.util.Map;

/**
 * How a model is loaded.
 *
 * @param contextLength tokens of prompt, pictures and answer together; 0 for what the model was
 *     made for, which is also the most
 * @param progress hears of hashing and converting
 */
public record LoadOptions(Precision precision, int contextLength, LoadProgress progress) {
    /** In fp32, with the model's own context. */
    public static final LoadOptions DEFAULT = of(Precision.FP32);

    public LoadOptions {
        if (contextLength < 0) {
            throw PlumblineException.invalid(
                    "context_length",
                    "CONTEXT_LENGTH_INVALID",
                    "context_length is %d; give a number of tokens, or 0 for the model's own"
                            .formatted(contextLength),
                    Map.of("context_length", Integer.toString(contextLength)));
        }
    }

    public static LoadOptions of(Precision precision) {
        return new LoadOptions(precision, 0, LoadProgress.NONE);
    }

    /** What tells models of one folder apart; empty for {@link #DEFAULT}. */
    String variant() {
        String context = contextLength == 0 ? "" : ", context_length " + contextLength;
        return precision == Precision.FP32 && context.isEmpty() ? "" : precision + context;
    }

    /** The same with someone who listens. */
    public LoadOptions heardBy(LoadProgress listener) {
        return new LoadOptions(precision, contextLength, listener);
    }
}
