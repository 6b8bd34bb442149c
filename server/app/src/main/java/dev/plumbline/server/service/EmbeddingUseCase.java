package dev.plumbline.server.service;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.ClipModel;
import dev.plumbline.engine.runtime.Cancellation;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/** Pictures and texts as CLIP's vectors. */
@Singleton
public final class EmbeddingUseCase {
    private final ModelRegistry models;
    private final Pictures pictures;

    public EmbeddingUseCase(ModelRegistry models, Pictures pictures) {
        this.models = models;
        this.pictures = pictures;
    }

    /** What is to be embedded, by which model. */
    public record Subject(String model, List<EncodedImage> images, List<String> texts) {
        public Subject {
            images = List.copyOf(images);
            texts = List.copyOf(texts);
            if (images.isEmpty() && texts.isEmpty()) {
                throw PlumblineException.invalid(
                        "images", "FIELD_MISSING", "give images, texts, or both");
            }
        }
    }

    /** Vectors of length 1, in the order of the subject. */
    public record Embeddings(List<float[]> images, List<float[]> texts) {
        public Embeddings {
            images = List.copyOf(images);
            texts = List.copyOf(texts);
        }
    }

    public Embeddings embed(Subject subject, Cancellation cancellation) {
        pictures.checkCount(subject.images().size(), "images");
        try (ClipLease lease = models.leaseClip(subject.model(), "model")) {
            ClipModel clip = lease.model();
            List<float[]> rows = new ArrayList<>();
            int step = clip.picturesPerRun();
            // Decoded pictures are large: never more of them than the model looks at together.
            for (int start = 0; start < subject.images().size(); start += step) {
                int end = Math.min(start + step, subject.images().size());
                cancellation.check();
                List<Picture> decoded = decoded(subject.images().subList(start, end), clip);
                rows.addAll(List.of(clip.images(decoded, cancellation)));
            }
            return new Embeddings(rows, List.of(clip.texts(subject.texts(), cancellation)));
        }
    }

    private List<Picture> decoded(List<EncodedImage> images, ClipModel clip) {
        return images.stream().map(image -> pictures.decode(image, clip::requireSuitable)).toList();
    }
}
