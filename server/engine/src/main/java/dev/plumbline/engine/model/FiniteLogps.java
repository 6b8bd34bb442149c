package dev.plumbline.engine.model;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.util.Map;

/** Weights may hold NaN, or overflow; an answer made of that is refused, never given. */
public final class FiniteLogps {
    private FiniteLogps() {}

    /**
     * @param logp natural logarithm of a token's probability
     * @throws PlumblineException {@code MODEL_NOT_FINITE}
     */
    public static void require(double logp) {
        if (!Double.isFinite(logp)) {
            throw new PlumblineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "MODEL_NOT_FINITE",
                    "the model gave a log-probability of %s: its weights or the adapter's are damaged or overflow; fetch them again"
                            .formatted(logp),
                    Map.of("log_probability", Double.toString(logp)));
        }
    }
}
