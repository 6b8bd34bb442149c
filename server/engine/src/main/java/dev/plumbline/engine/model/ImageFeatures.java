package dev.plumbline.engine.model;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageDecoder;
import dev.plumbline.engine.image.ImageProcessor;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.image.PixelValues;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Results;
import dev.plumbline.engine.runtime.Session;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Pictures to what stands in the place of their tokens. The last ones are kept, by the digest of
 * their pixels, in a bounded number of bytes: evaluation asks several questions about one picture,
 * and training looks at each at least twice.
 */
public final class ImageFeatures {
    private final ImageProcessor processor;
    private final ModelSessions sessions;
    private final long capacityBytes;
    private final Map<String, Tensor> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long keptBytes;

    ImageFeatures(ImageProcessor processor, ModelSessions sessions, long capacityBytes) {
        this.processor = processor;
        this.sessions = sessions;
        this.capacityBytes = capacityBytes;
    }

    /** Features of one picture, [image tokens, hidden]; shared, not to be written to. */
    public Tensor of(Picture picture, Cancellation cancellation) {
        String digest = digest(picture);
        synchronized (kept) {
            Tensor known = kept.get(digest);
            if (known != null) {
                return known;
            }
        }
        Tensor features = compute(picture, cancellation);
        synchronized (kept) {
            if (kept.put(digest, features) == null) {
                keptBytes += features.byteSize();
            }
            evict();
        }
        return features;
    }

    /**
     * Features of one picture out of an image file's bytes.
     *
     * @param name of the picture, for messages
     * @throws PlumblineException where the bytes are not an image that we read
     */
    public Tensor of(byte[] image, String name, Cancellation cancellation) {
        return of(ImageDecoder.decode(image, name), cancellation);
    }

    /**
     * Does nothing for a picture that can be looked at.
     *
     * @throws PlumblineException {@code IMAGE_TOO_LARGE} for one of extreme proportions
     */
    public void requireSuitable(Picture picture) {
        processor.requireSuitable(picture);
    }

    private Tensor compute(Picture picture, Cancellation cancellation) {
        PixelValues pixels = processor.process(picture);
        Tensor input = Tensor.of(Shape.of(1, 3, pixels.height(), pixels.width()), pixels.values());
        Session vision = sessions.vision();
        try (Results results =
                vision.run(Map.of("pixel_values", input), List.of("features"), cancellation)) {
            Tensor features = results.copy("features");
            return features.reshape(Shape.of(features.shape().get(1), features.shape().get(2)));
        }
    }

    private void evict() {
        var oldest = kept.entrySet().iterator();
        while (keptBytes > capacityBytes && oldest.hasNext()) {
            keptBytes -= oldest.next().getValue().byteSize();
            oldest.remove();
        }
    }

    private static String digest(Picture picture) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(
                    (picture.width() + "x" + picture.height() + ":")
                            .getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(sha.digest(picture.rgb()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
