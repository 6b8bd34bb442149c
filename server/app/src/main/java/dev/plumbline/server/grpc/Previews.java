package dev.plumbline.server.grpc;

import com.google.protobuf.ByteString;
import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.service.PreviewUseCase.Preview;
import dev.plumbline.v1.Image;
import dev.plumbline.v1.Latent;
import dev.plumbline.v1.PreviewNegativesResponse;
import dev.plumbline.v1.PreviewedNegative;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Previews as protobuf. */
final class Previews {
    private Previews() {}

    static PreviewNegativesResponse of(Preview preview) {
        PreferenceExample row = preview.row();
        var message =
                PreviewNegativesResponse.newBuilder()
                        .setSampling(row.mining().sampling())
                        .setCandidates(row.mining().poolSize())
                        .setExcludedFalseNegatives(
                                row.fields().path("excluded_false_negatives").asDouble())
                        .setExcludedNearDuplicates(
                                row.fields().path("excluded_near_duplicates").asDouble());
        if (Double.isFinite(row.mining().temperature())) {
            message.setTemperature(row.mining().temperature());
        }
        row.negatives().forEach(negative -> message.addNegatives(negative(negative)));
        preview.artefacts().forEach(file -> message.addArtefacts(file.toString()));
        return message.addAllNotes(preview.notes()).build();
    }

    private static PreviewedNegative negative(NegativeImage negative) {
        NegativeImage.Details details = negative.details();
        var message =
                PreviewedNegative.newBuilder()
                        .setImage(negative.image().toString())
                        .setScore(negative.score())
                        .setLogWeight(negative.logWeight())
                        .setSelector(negative.selector())
                        .addAllFlags(details.flags())
                        .setContent(Image.newBuilder().setData(content(negative.image())));
        if (Double.isFinite(negative.logQ())) {
            message.setLogQ(negative.logQ());
        }
        if (Double.isFinite(details.falseNegativeRisk())) {
            message.setFalseNegativeRisk(details.falseNegativeRisk());
        }
        details.latents()
                .forEach(latent ->
                        message.addLatents(
                                Latent.newBuilder()
                                        .setIndex(latent.index())
                                        .setActivation(latent.activation())));
        return message.build();
    }

    private static ByteString content(Path image) {
        try {
            return ByteString.copyFrom(Files.readAllBytes(image));
        } catch (IOException e) {
            throw new PlumblineException(
                            ErrorCode.FAILED_PRECONDITION,
                            "IMAGE_UNREADABLE",
                            "the pool's image %s cannot be read: %s"
                                    .formatted(image, e.getMessage()),
                            Map.of("image", image.toString()))
                    .causedBy(e);
        }
    }
}
