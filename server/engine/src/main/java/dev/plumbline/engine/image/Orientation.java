package dev.plumbline.engine.image;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How the camera was held: tag 0x0112 of EXIF, in the order of its values 1 to 8. As in Pillow, XMP
 * is asked where EXIF is silent, and anything unreadable means upright.
 */
enum Orientation {
    UPRIGHT(false),
    MIRRORED(false),
    UPSIDE_DOWN(false),
    FLIPPED(false),
    TRANSPOSED(true),
    TURNED_LEFT(true),
    TRANSVERSED(true),
    TURNED_RIGHT(true);

    private static final int TAG = 0x0112;
    private static final int BYTES_AN_ENTRY = 12;
    private static final Pattern XMP = Pattern.compile("tiff:Orientation(?:=\"|>)([0-9])");

    /** Whether rows become columns. */
    private final boolean turned;

    Orientation(boolean turned) {
        this.turned = turned;
    }

    /** The size of a stored picture once it stands upright. */
    PictureSize apply(PictureSize stored) {
        return turned ? new PictureSize(stored.height(), stored.width()) : stored;
    }

    /**
     * @param exif a TIFF header and its directories, without the leading "Exif"
     * @param xmp an XMP packet
     */
    static Orientation of(byte @Nullable [] exif, byte @Nullable [] xmp) {
        int value = exif == null ? 0 : inExif(exif);
        if (value == 0 && xmp != null) {
            Matcher match = XMP.matcher(new String(xmp, StandardCharsets.ISO_8859_1));
            value = match.find() ? Integer.parseInt(match.group(1)) : 0;
        }
        return value >= 1 && value <= values().length ? values()[value - 1] : UPRIGHT;
    }

    private static int inExif(byte[] exif) {
        try {
            ByteBuffer buffer = ByteBuffer.wrap(exif);
            boolean little = exif[0] == 'I';
            buffer.order(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
            int directory = buffer.getInt(4);
            int entries = Short.toUnsignedInt(buffer.getShort(directory));
            for (int i = 0; i < entries; i++) {
                int entry = directory + 2 + i * BYTES_AN_ENTRY;
                if (Short.toUnsignedInt(buffer.getShort(entry)) == TAG) {
                    return value(buffer, entry);
                }
            }
        } catch (IndexOutOfBoundsException | BufferUnderflowException damaged) {
            return 0;
        }
        return 0;
    }

    private static int value(ByteBuffer buffer, int entry) {
        int at = entry + 8;
        return switch (buffer.getShort(entry + 2)) {
            case 1, 6 -> buffer.get(at);
            case 3, 8 -> buffer.getShort(at);
            case 4, 9 -> buffer.getInt(at);
            default -> 0;
        };
    }

    /** The picture as it was seen. */
    Picture apply(Picture picture) {
        if (this == UPRIGHT) {
            return picture;
        }
        int width = turned ? picture.height() : picture.width();
        int height = turned ? picture.width() : picture.height();
        byte[] from = picture.rgb();
        byte[] to = new byte[from.length];
        int target = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int source = source(picture, x, y) * Picture.CHANNELS;
                to[target++] = from[source];
                to[target++] = from[source + 1];
                to[target++] = from[source + 2];
            }
        }
        return new Picture(width, height, to);
    }

    /** Index of the pixel that goes to (x, y). */
    private int source(Picture picture, int x, int y) {
        int width = picture.width();
        int right = width - 1;
        int bottom = picture.height() - 1;
        return switch (this) {
            case UPRIGHT -> y * width + x;
            case MIRRORED -> y * width + right - x;
            case UPSIDE_DOWN -> (bottom - y) * width + right - x;
            case FLIPPED -> (bottom - y) * width + x;
            case TRANSPOSED -> x * width + y;
            case TURNED_LEFT -> (bottom - x) * width + y;
            case TRANSVERSED -> (bottom - x) * width + right - y;
            case TURNED_RIGHT -> x * width + right - y;
        };
    }
}
