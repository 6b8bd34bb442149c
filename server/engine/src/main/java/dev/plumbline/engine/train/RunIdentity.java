package dev.plumbline.engine.train;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.checkpoint.Sha256;
import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoadedModel;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;

/** All that a run's result follows from, as digests: a checkpoint serves only the same run. */
record RunIdentity(String model, String spec, String passes, String rows) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static RunIdentity of(
            LoadedModel model, TrainingSpec spec, Plan plan, List<PreferenceExample> rows) {
        String passes = "%s %d %s".formatted(plan.passes(), plan.microBatch(), plan.checkpointed());
        return new RunIdentity(model.digest(), hash(spec.toString()), passes, rows(rows));
    }

    private static String rows(List<PreferenceExample> rows) {
        MessageDigest digest = Sha256.start();
        for (PreferenceExample row : rows) {
            update(digest, row.image().getFileName());
            update(digest, row.prompt());
            update(digest, row.chosen());
            update(digest, row.rejected());
            update(digest, row.mining().sampling());
            update(digest, row.mining().poolSize());
            update(digest, row.negatives().size());
            for (NegativeImage negative : row.negatives()) {
                update(digest, negative.image().getFileName());
                update(digest, negative.logWeight());
            }
        }
        return Sha256.hex(digest);
    }

    private static void update(MessageDigest digest, Object value) {
        String text = String.valueOf(value);
        digest.update((text.length() + " " + text).getBytes(UTF_8));
    }

    private static String hash(String text) {
        MessageDigest digest = Sha256.start();
        digest.update(text.getBytes(UTF_8));
        return Sha256.hex(digest);
    }

    ObjectNode json() {
        return JSON.valueToTree(this);
    }

    /**
     * Holds what a checkpoint says of itself against this run.
     *
     * @throws PlumblineException {@code CHECKPOINT_OF_ANOTHER_RUN}, naming what has changed
     */
    void require(JsonNode stored) {
        for (Map.Entry<String, JsonNode> part : json().properties()) {
            if (!part.getValue().equals(stored.path(part.getKey()))) {
                throw new PlumblineException(
                        ErrorCode.FAILED_PRECONDITION,
                        "CHECKPOINT_OF_ANOTHER_RUN",
                        "the run cannot go on from its checkpoint: its %s changed since; put back what it was, or start a new run"
                                .formatted(part.getKey()),
                        Map.of("field", part.getKey()));
            }
        }
    }
}
