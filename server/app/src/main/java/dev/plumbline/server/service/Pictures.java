package dev.plumbline.server.service;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageDecoder;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.server.config.PlumblineConfig;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Decodes what clients send, within limits; a refusal names the field. */
@Singleton
public final class Pictures {
    private final int largest;
    private final int most;

    public Pictures(PlumblineConfig config) {
        this.largest = config.limits().imageBytes();
        this.most = config.limits().images();
    }

    /**
     * @param model that is to look at it
     */
    public Picture decode(EncodedImage image, LoadedModel model) {
        return decode(image, picture -> model.features().grid(picture));
    }

    /**
     * @param check refuses what the model cannot look at
     */
    Picture decode(EncodedImage image, Consumer<Picture> check) {
        int size = image.bytes().length;
        if (size == 0) {
            throw PlumblineException.invalid(
                    image.field(), "IMAGE_EMPTY", image.field() + " has no bytes");
        }
        if (size > largest) {
            throw PlumblineException.invalid(
                    image.field(),
                    "IMAGE_TOO_LARGE",
                    "%s has %d bytes, at most %d are taken".formatted(image.field(), size, largest),
                    Map.of("bytes", "" + size, "maximum_bytes", "" + largest));
        }
        try {
            Picture picture = ImageDecoder.decode(image.bytes(), image.field());
            check.accept(picture);
            return picture;
        } catch (PlumblineException e) {
            throw Failures.at(e, image.field());
        }
    }

    public List<Picture> decode(List<EncodedImage> images, LoadedModel model) {
        checkCount(images.size(), "images");
        return images.stream().map(image -> decode(image, model)).toList();
    }

    void checkCount(int images, String field) {
        if (images > most) {
            throw PlumblineException.invalid(
                    field,
                    "TOO_MANY_IMAGES",
                    "%s holds %d images, at most %d are taken".formatted(field, images, most),
                    Map.of("images", "" + images, "maximum_images", "" + most));
        }
    }
}
