package dev.plumbline.engine.image;

import java.util.List;

/**
 * What the samples of a JPEG stand for, and libjpeg's integer arithmetic from them to RGB. CMYK is
 * taken as Adobe writes it, inverted, and goes to RGB as in Pillow.
 */
enum JpegColors {
    GRAY(1),
    RGB(3),
    YCC(3),
    CMYK(4),
    YCCK(4);

    static final int NO_ADOBE_SEGMENT = -1;

    private static final int SCALE_BITS = 16;
    private static final int HALF = 1 << (SCALE_BITS - 1);
    private static final int CR_TO_RED = fixed(1.40200);
    private static final int CB_TO_BLUE = fixed(1.77200);
    private static final int CR_TO_GREEN = fixed(0.71414);
    private static final int CB_TO_GREEN = fixed(0.34414);

    private final int components;

    JpegColors(int components) {
        this.components = components;
    }

    int components() {
        return components;
    }

    /** libjpeg's rules: the JFIF segment first, then Adobe's, then the components' names. */
    static JpegColors of(List<Integer> names, boolean jfif, int adobeTransform, String image) {
        return switch (names.size()) {
            case 1 -> GRAY;
            case 3 -> ofThree(names, jfif, adobeTransform);
            case 4 -> adobeTransform <= 0 ? CMYK : YCCK;
            default ->
                    throw ImageFailure.unsupported(
                            image, "a JPEG of " + names.size() + " components");
        };
    }

    private static JpegColors ofThree(List<Integer> names, boolean jfif, int adobeTransform) {
        if (jfif) {
            return YCC;
        }
        if (adobeTransform != NO_ADOBE_SEGMENT) {
            return adobeTransform == 0 ? RGB : YCC;
        }
        return names.equals(List.of((int) 'R', (int) 'G', (int) 'B')) ? RGB : YCC;
    }

    /** Samples, interleaved, to RGB; may return the array it was given. */
    byte[] toRgb(byte[] samples) {
        return switch (this) {
            case RGB -> samples;
            case GRAY -> gray(samples);
            case YCC -> ycc(samples, components);
            case CMYK -> cmyk(samples);
            case YCCK -> cmyk(complement(ycc(samples, components)));
        };
    }

    private static byte[] gray(byte[] samples) {
        byte[] rgb = new byte[samples.length * Picture.CHANNELS];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = samples[i / Picture.CHANNELS];
        }
        return rgb;
    }

    /** In place. A fourth component stays as it is. */
    private static byte[] ycc(byte[] samples, int stride) {
        for (int i = 0; i + stride <= samples.length; i += stride) {
            int y = Byte.toUnsignedInt(samples[i]);
            int cb = Byte.toUnsignedInt(samples[i + 1]) - 128;
            int cr = Byte.toUnsignedInt(samples[i + 2]) - 128;
            int green = -CB_TO_GREEN * cb - CR_TO_GREEN * cr + HALF;
            samples[i] = clamp(y + ((CR_TO_RED * cr + HALF) >> SCALE_BITS));
            samples[i + 1] = clamp(y + (green >> SCALE_BITS));
            samples[i + 2] = clamp(y + ((CB_TO_BLUE * cb + HALF) >> SCALE_BITS));
        }
        return samples;
    }

    /** The colors of YCCK are those of CMY, not of RGB. In place. */
    private static byte[] complement(byte[] samples) {
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (byte) (i % 4 == 3 ? samples[i] : ~samples[i]);
        }
        return samples;
    }

    /** Inverted CMYK: a sample of 255 is no ink, so what is left of each color is its light. */
    private static byte[] cmyk(byte[] samples) {
        byte[] rgb = new byte[samples.length / 4 * Picture.CHANNELS];
        int target = 0;
        for (int i = 0; i + 4 <= samples.length; i += 4) {
            int light = Byte.toUnsignedInt(samples[i + 3]);
            for (int channel = 0; channel < Picture.CHANNELS; channel++) {
                int ink = 255 - Byte.toUnsignedInt(samples[i + channel]);
                int product = ink * light + 128;
                rgb[target++] = clamp(light - (((product >> 8) + product) >> 8));
            }
        }
        return rgb;
    }

    private static byte clamp(int value) {
        return (byte) Math.clamp(value, 0, 255);
    }

    private static int fixed(double factor) {
        return (int) (factor * (1 << SCALE_BITS) + 0.5);
    }
}
