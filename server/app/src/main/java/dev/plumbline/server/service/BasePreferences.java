package dev.plumbline.server.service;

import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceExample.Mining;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageDecoder;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.score.AnswerScore;
import dev.plumbline.server.store.ModelChoice;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Flags the negatives on which a model finds the chosen answer likelier than on its own picture.
 */
@Singleton
public final class BasePreferences {
    static final String FLAG = "base_prefers_negative";

    private final KnownModels models;

    public BasePreferences(KnownModels models) {
        this.models = models;
    }

    /** Finds the model, and where it lies. */
    ModelChoice prepare(ModelChoice wanted) {
        return wanted.isGiven() ? models.find(wanted, "model") : ModelChoice.NONE;
    }

    /** Holds the model, which is loaded again where this process has not got it. */
    Flags open(ModelChoice model, Cancellation cancellation) {
        return new Flags(
                model.isGiven() ? Optional.of(models.pin(model, "model")) : Optional.empty(),
                cancellation);
    }

    /** A held model, or none. */
    static final class Flags implements AutoCloseable {
        private final Optional<ModelLease> lease;
        private final Cancellation cancellation;

        private Flags(Optional<ModelLease> lease, Cancellation cancellation) {
            this.lease = lease;
            this.cancellation = cancellation;
        }

        /** The row, flagged. */
        PreferenceExample apply(PreferenceExample row) {
            return lease.map(held -> flagged(held.served(), row)).orElse(row);
        }

        private PreferenceExample flagged(ServedModel model, PreferenceExample row) {
            List<Picture> pictures = new ArrayList<>(List.of(picture(row.image())));
            row.negatives().forEach(negative -> pictures.add(picture(negative.image())));
            List<AnswerScore> scores =
                    model.scorer()
                            .score(
                                    row.prompt(),
                                    row.chosen(),
                                    pictures,
                                    Optional.empty(),
                                    cancellation);
            List<NegativeImage> negatives = new ArrayList<>();
            for (int i = 0; i < row.negatives().size(); i++) {
                NegativeImage negative = row.negatives().get(i);
                boolean likelier = scores.get(i + 1).sum() > scores.getFirst().sum();
                negatives.add(likelier ? negative.flagged(FLAG) : negative);
            }
            Mining mining = row.mining();
            return row.with(
                    new Mining(
                            negatives, mining.sampling(), mining.poolSize(), mining.temperature()));
        }

        private static Picture picture(Path file) {
            try {
                return ImageDecoder.decode(Files.readAllBytes(file), file.toString());
            } catch (IOException e) {
                throw new PlumblineException(
                                ErrorCode.FAILED_PRECONDITION,
                                "IMAGE_UNREADABLE",
                                "the image %s cannot be read: %s".formatted(file, e.getMessage()),
                                Map.of("image", file.toString()))
                        .causedBy(e);
            }
        }

        @Override
        public void close() {
            lease.ifPresent(ModelLease::close);
        }
    }
}
