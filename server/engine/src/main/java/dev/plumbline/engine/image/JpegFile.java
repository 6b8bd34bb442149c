package dev.plumbline.engine.image;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A JPEG file taken apart (ISO/IEC 10918-1 annex B): its size, how its samples stand for colors,
 * and the file again without its application segments, so that no metadata can upset the decoder.
 *
 * @param colors what the components mean, decided as libjpeg does
 * @param coded only what decoding the samples needs
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record JpegFile(int width, int height, JpegColors colors, Orientation orientation, byte[] coded) {
    /** Progressive files have about ten; thousands are an attack on our time. */
    private static final int MAXIMUM_SCANS = 200;

    static JpegFile read(byte[] encoded, String name) {
        return new Reader(encoded, name).read();
    }

    private static final class Reader {
        private static final int END = 0xd9;
        private static final int START_OF_SCAN = 0xda;
        private static final String XMP = "http://ns.adobe.com/xap/1.0/\0";
        private static final String EXIF = "Exif\0\0";

        private final byte[] bytes;
        private final String name;
        private final ByteArrayOutputStream coded;
        private final List<Integer> components = new ArrayList<>();
        private int position = 2;
        private int scans;
        private int width;
        private int height;
        private boolean jfif;
        private int adobeTransform = JpegColors.NO_ADOBE_SEGMENT;
        private byte @Nullable [] exif;
        private byte @Nullable [] xmp;

        Reader(byte[] bytes, String name) {
            this.bytes = bytes;
            this.name = name;
            this.coded = new ByteArrayOutputStream(bytes.length);
        }

        JpegFile read() {
            coded.write(bytes, 0, 2);
            int marker = nextMarker();
            while (marker != END) {
                segment(marker);
                marker = nextMarker();
            }
            coded.write(0xff);
            coded.write(END);
            if (scans == 0 || components.isEmpty()) {
                throw ImageFailure.unreadable(name, "the JPEG holds no picture");
            }
            return new JpegFile(
                    width,
                    height,
                    JpegColors.of(components, jfif, adobeTransform, name),
                    Orientation.of(exif, xmp),
                    coded.toByteArray());
        }

        /** Skips whatever is between segments, as libjpeg does. */
        private int nextMarker() {
            while (position + 1 < bytes.length) {
                int code = at(position + 1);
                if (at(position) == 0xff && code != 0xff && code != 0) {
                    position += 2;
                    return code;
                }
                position++;
            }
            throw ImageFailure.truncated(name, "the JPEG ends without its end marker");
        }

        private void segment(int marker) {
            if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
                return;
            }
            int start = position + 2;
            if (start > bytes.length || start > position + length()) {
                throw ImageFailure.truncated(name, "the JPEG ends within a segment");
            }
            int end = position + length();
            if (end > bytes.length) {
                throw ImageFailure.truncated(name, "the JPEG ends within a segment");
            }
            boolean needed = interpret(marker, start, end);
            if (needed) {
                coded.write(0xff);
                coded.write(marker);
                coded.write(bytes, position, end - position);
            }
            position = end;
            if (marker == START_OF_SCAN) {
                scan();
            }
        }

        private int length() {
            return at(position) << 8 | at(position + 1);
        }

        /** Returns whether the decoder needs the segment. */
        private boolean interpret(int marker, int start, int end) {
            switch (marker) {
                case 0xc0, 0xc1, 0xc2 -> frame(start, end);
                case 0xc3, 0xc5, 0xc6, 0xc7, 0xcb, 0xcd, 0xce, 0xcf ->
                        throw ImageFailure.unsupported(name, "a lossless or hierarchical JPEG");
                case 0xc9, 0xca, 0xcc ->
                        throw ImageFailure.unsupported(name, "an arithmetic-coded JPEG");
                case 0xe0 -> jfif |= holds(start, end, "JFIF\0");
                case 0xe1 -> metadata(start, end);
                case 0xee -> {
                    if (holds(start, end, "Adobe") && end - start >= 12) {
                        adobeTransform = at(start + 11);
                    }
                }
                default -> {}
            }
            return marker < 0xe0;
        }

        private void frame(int start, int end) {
            int count = end - start < 6 ? 0 : at(start + 5);
            if (!components.isEmpty() || count == 0 || end - start < 6 + 3 * count) {
                throw ImageFailure.unreadable(name, "the JPEG's frame header is damaged");
            }
            if (at(start) != 8) {
                throw ImageFailure.unsupported(name, "a JPEG of " + at(start) + " bits a sample");
            }
            height = at(start + 1) << 8 | at(start + 2);
            width = at(start + 3) << 8 | at(start + 4);
            for (int i = 0; i < count; i++) {
                components.add(at(start + 6 + 3 * i));
            }
        }

        private void metadata(int start, int end) {
            if (exif == null && holds(start, end, EXIF)) {
                exif = Arrays.copyOfRange(bytes, start + EXIF.length(), end);
            } else if (xmp == null && holds(start, end, XMP)) {
                xmp = Arrays.copyOfRange(bytes, start + XMP.length(), end);
            }
        }

        private boolean holds(int start, int end, String text) {
            return end - start >= text.length() && ImageDecoder.startsWith(bytes, start, text);
        }

        /** Copies entropy-coded data: to the next marker that is neither stuffing nor a restart. */
        private void scan() {
            if (components.isEmpty()) {
                throw ImageFailure.unreadable(name, "the JPEG has a scan before its frame");
            }
            if (++scans > MAXIMUM_SCANS) {
                throw ImageFailure.unreadable(
                        name, "the JPEG has more than " + MAXIMUM_SCANS + " scans");
            }
            int start = position;
            while (position + 1 < bytes.length) {
                int code = at(position + 1);
                if (at(position) != 0xff) {
                    position++;
                } else if (code == 0 || (code >= 0xd0 && code <= 0xd7)) {
                    position += 2;
                } else if (code == 0xff) {
                    position++;
                } else {
                    coded.write(bytes, start, position - start);
                    return;
                }
            }
            throw ImageFailure.truncated(name, "the JPEG ends within its picture data");
        }

        private int at(int index) {
            return Byte.toUnsignedInt(bytes[index]);
        }
    }
}
