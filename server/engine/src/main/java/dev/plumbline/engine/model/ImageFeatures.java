package dev.plumbline.engine.model;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageDecoder;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.image.PictureSize;
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
    private final PictureInputs inputs;
    private final ModelSessions sessions;
    private final int hiddenSize;
    private final long capacityBytes;
    private final Map<String, Tensor> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long keptBytes;

    ImageFeatures(
            PictureInputs inputs, ModelSessions sessions, int hiddenSize, long capacityBytes) {
        this.inputs = inputs;
        this.hiddenSize = hiddenSize;
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
     * The tokens that a picture takes.
     *
     * @throws PlumblineException {@code IMAGE_TOO_LARGE} for one of extreme proportions
     */
    public PictureGrid grid(Picture picture) {
        return inputs.grid(picture.width(), picture.height());
    }

    /**
     * The tokens that an image file's picture takes, from its header alone.
     *
     * @param name of the picture, for messages
     */
    public PictureGrid grid(byte[] image, String name) {
        PictureSize size = ImageDecoder.size(image, name);
        return inputs.grid(size.width(), size.height());
    }

    private Tensor compute(Picture picture, Cancellation cancellation) {
        Session vision = sessions.vision();
        try (Results results = vision.run(inputs.of(picture), List.of("features"), cancellation)) {
            Tensor features = results.copy("features");
            return features.reshape(Shape.of(features.shape().elements() / hiddenSize, hiddenSize));
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
