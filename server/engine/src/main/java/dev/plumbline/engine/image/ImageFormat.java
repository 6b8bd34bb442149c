package dev.plumbline.engine.image;

import java.util.LinkedHashMap;
import java.util.Map;

/** Formats that are decoded, told from the first bytes. */
enum ImageFormat {
    JPEG("\u00ff\u00d8\u00ff"),
    PNG("\u0089PNG\r\n\u001a\n");

    /** Formats known only to be refused by name. */
    private static final Map<String, String> REFUSED = new LinkedHashMap<>();

    static {
        REFUSED.put("GIF8", "a GIF");
        REFUSED.put("BM", "a BMP");
        REFUSED.put("II*\0", "a TIFF");
        REFUSED.put("MM\0*", "a TIFF");
        REFUSED.put("\0\0\1\0", "an ICO");
        REFUSED.put("%PDF", "a PDF");
        REFUSED.put("<svg", "an SVG");
        REFUSED.put("<?xml", "XML or SVG");
        REFUSED.put("\0\0\0\fjP  ", "a JPEG 2000");
    }

    private final String magic;

    ImageFormat(String magic) {
        this.magic = magic;
    }

    static ImageFormat of(byte[] encoded, String name) {
        if (encoded.length == 0) {
            throw ImageFailure.unreadable(name, "it is empty");
        }
        for (ImageFormat format : values()) {
            if (ImageDecoder.startsWith(encoded, 0, format.magic)) {
                return format;
            }
        }
        REFUSED.forEach((magic, format) -> {
            if (ImageDecoder.startsWith(encoded, 0, magic)) {
                throw ImageFailure.unsupported(name, format);
            }
        });
        if (ImageDecoder.startsWith(encoded, 0, "RIFF")
                && ImageDecoder.startsWith(encoded, 8, "WEBP")) {
            throw ImageFailure.unsupported(name, "a WebP");
        }
        if (ImageDecoder.startsWith(encoded, 4, "ftyp")) {
            throw ImageFailure.unsupported(name, "a HEIF, AVIF or video file");
        }
        throw ImageFailure.unreadable(name, "its first bytes are those of no known format");
    }
}
