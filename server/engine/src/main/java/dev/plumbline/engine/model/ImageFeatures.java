package dev.plumbline.engine.model;

import dev.plumbline.engine.checkpoint.Sha256;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageDecoder;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.image.PictureSize;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Results;
import dev.plumbline.engine.runtime.Session;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Pictures to what stands in the place of their tokens. The last ones are kept, by the digest of
 * their pixels, in a bounded number of bytes: evaluation asks several questions about one picture,
 * and training looks at each at least twice.
 */
public final class ImageFeatures {
    /** How long one that waits may not notice that it was cancelled. */
    private static final long LOOK_AGAIN_MILLIS = 20;

    /** They share the same cores, and each takes memory. */
    private static final int MOST_ENCODERS = 2;

    private final PictureInputs inputs;
    private final ModelSessions sessions;
    private final int hiddenSize;
    private final long capacityBytes;
    private final Map<String, Tensor> kept = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<String, CompletableFuture<Tensor>> underWay = new HashMap<>();
    private final Semaphore encoders = new Semaphore(MOST_ENCODERS);
    private long keptBytes;

    ImageFeatures(
            PictureInputs inputs, ModelSessions sessions, int hiddenSize, long capacityBytes) {
        this.inputs = inputs;
        this.hiddenSize = hiddenSize;
        this.sessions = sessions;
        this.capacityBytes = capacityBytes;
    }

    /**
     * Features of one picture, [image tokens, hidden]; shared, not to be written to. Those who ask
     * for the same picture at once wait for the first of them.
     */
    public Tensor of(Picture picture, Cancellation cancellation) {
        return of(picture, digest(picture), cancellation);
    }

    private Tensor of(Picture picture, String digest, Cancellation cancellation) {
        while (true) {
            var mine = new CompletableFuture<Tensor>();
            CompletableFuture<Tensor> first;
            synchronized (kept) {
                Tensor known = kept.get(digest);
                if (known != null) {
                    return known;
                }
                first = underWay.computeIfAbsent(digest, key -> mine);
            }
            if (first == mine) {
                return compute(digest, picture, mine, cancellation);
            }
            Optional<Tensor> features = await(first, cancellation);
            if (features.isPresent()) {
                return features.get();
            }
        }
    }

    private Tensor compute(
            String digest,
            Picture picture,
            CompletableFuture<Tensor> result,
            Cancellation cancellation) {
        try {
            enter(cancellation);
            Tensor features;
            try {
                features = compute(picture, cancellation);
            } finally {
                encoders.release();
            }
            synchronized (kept) {
                kept.put(digest, features);
                keptBytes += features.byteSize();
                evict();
            }
            result.complete(features);
            return features;
        } finally {
            synchronized (kept) {
                underWay.remove(digest);
            }
            // Where it failed, for a reason that may be this caller's own: the next one tries.
            result.cancel(false);
        }
    }

    private void enter(Cancellation cancellation) {
        try {
            do {
                cancellation.check();
            } while (!encoders.tryAcquire(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static PlumblineException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new PlumblineException(
                        ErrorCode.CANCELLED, "CANCELLED", "the work was interrupted", Map.of())
                .causedBy(cause);
    }

    /** Empty where the one that computed them did not come to an end. */
    private static Optional<Tensor> await(
            CompletableFuture<Tensor> features, Cancellation cancellation) {
        while (true) {
            cancellation.check();
            try {
                return Optional.of(features.get(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS));
            } catch (TimeoutException e) {
                continue;
            } catch (CancellationException | ExecutionException e) {
                return Optional.empty();
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }
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

    /** A picture by the digest of its pixels, and what stands in the place of its tokens. */
    public record Identified(String digest, Tensor features) {}

    /**
     * The same with the picture's digest.
     *
     * @param name of the picture, for messages
     */
    public Identified identified(byte[] image, String name, Cancellation cancellation) {
        Picture picture = ImageDecoder.decode(image, name);
        String digest = digest(picture);
        return new Identified(digest, of(picture, digest, cancellation));
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

    /**
     * Features of several pictures one after another.
     *
     * @param hiddenSize of the model
     * @return [image tokens of all, hidden]; the only one itself where there is one
     */
    public static Tensor joined(List<Tensor> features, int hiddenSize) {
        if (features.size() == 1) {
            return features.getFirst();
        }
        long pieces = features.stream().mapToLong(part -> part.shape().get(0)).sum();
        Tensor all = Tensor.zeros(DType.F32, Shape.of(pieces, hiddenSize));
        long at = 0;
        for (Tensor part : features) {
            long end = at + part.shape().get(0);
            all.slice(at, end).copyFrom(part);
            at = end;
        }
        return all;
    }

    /** SHA-256 of a picture's size and pixels, by which it is known. */
    public static String digest(Picture picture) {
        MessageDigest sha = Sha256.start();
        sha.update(
                (picture.width() + "x" + picture.height() + ":")
                        .getBytes(StandardCharsets.US_ASCII));
        sha.update(picture.rgb());
        return Sha256.hex(sha);
    }
}
