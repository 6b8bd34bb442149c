package dev.plumbline.engine.image;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.util.Map;

/** What can be wrong with an encoded image; each message names the image and the way out. */
final class ImageFailure {
    private ImageFailure() {}

    static PlumblineException unreadable(String name, String detail) {
        return failure(
                "IMAGE_UNREADABLE",
                name + " cannot be read as an image: " + detail + "; give a JPEG or PNG file",
                Map.of("image", name, "detail", detail));
    }

    static PlumblineException truncated(String name, String detail) {
        return failure(
                "IMAGE_TRUNCATED",
                name + " is cut off: " + detail + "; send the whole file",
                Map.of("image", name, "detail", detail));
    }

    static PlumblineException unsupported(String name, String format) {
        return failure(
                "IMAGE_FORMAT_UNSUPPORTED",
                name + " is " + format + ", which is not supported; convert it to JPEG or PNG",
                Map.of("image", name, "format", format));
    }

    static PlumblineException tooLarge(String name, long width, long height, long maximum) {
        return failure(
                "IMAGE_TOO_LARGE",
                "%s says it has %d x %d pixels, more than the %d allowed; scale it down"
                        .formatted(name, width, height, maximum),
                Map.of(
                        "image", name,
                        "width", Long.toString(width),
                        "height", Long.toString(height),
                        "maximum_pixels", Long.toString(maximum)));
    }

    private static PlumblineException failure(
            String reason, String message, Map<String, String> metadata) {
        return new PlumblineException(ErrorCode.INVALID_ARGUMENT, reason, message, metadata);
    }
}
