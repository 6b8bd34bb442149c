package dev.plumbline.engine.model;

import dev.plumbline.engine.checkpoint.Tokenizer;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.util.Arrays;
import java.util.Map;

/**
 * A text as CLIP's text tower reads it.
 *
 * @param end the position at which its vector is read off
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
record ClipTokens(int[] ids, int end) {
    /**
     * As {@code tokenizer(text, truncation=True, max_length=max_position_embeddings)}.
     *
     * @throws PlumblineException {@code MODEL_UNSUPPORTED} where the tokenizer knows more tokens
     *     than the tower
     */
    static ClipTokens of(String text, Tokenizer tokenizer, ClipTextConfig config) {
        int[] ids = tokenizer.encode(text);
        int most = config.maxPositionEmbeddings();
        if (ids.length > most) {
            int last = ids[ids.length - 1];
            ids = Arrays.copyOf(ids, most);
            ids[most - 1] = last;
        }
        for (int id : ids) {
            if (id >= config.vocabSize()) {
                throw foreign(id, config);
            }
        }
        return new ClipTokens(ids, end(ids, config.endId()));
    }

    private static int end(int[] ids, int endId) {
        int end = 0;
        for (int i = 0; i < ids.length; i++) {
            if (endId == ClipTextConfig.OLD_END) {
                end = ids[i] > ids[end] ? i : end;
            } else if (ids[i] == endId) {
                return i;
            }
        }
        return end;
    }

    private static PlumblineException foreign(int id, ClipTextConfig config) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "MODEL_UNSUPPORTED",
                "tokenizer.json gives the id %d where config.json's text_config.vocab_size is %d"
                                .formatted(id, config.vocabSize())
                        + "; check that both are of one checkpoint",
                Map.of("file", "tokenizer.json", "key", "text_config.vocab_size"));
    }
}
