package dev.plumbline.engine.image;

/**
 * Pillow's {@code Image.resize} (13.0), bit for bit: two passes with 8-bit pixels between them and
 * weights in fixed point; when shrinking, the filter widens with the scale (antialiasing). Which
 * pass comes first decides what is clipped between them.
 */
final class Resampler {
    /** 32 bits, less 8 for the pixel and 2 for what negative lobes overshoot. */
    private static final int PRECISION_BITS = 32 - 8 - 2;

    private static final int HALF = 1 << (PRECISION_BITS - 1);

    private Resampler() {}

    static Picture resize(Picture picture, int width, int height, ResampleFilter filter) {
        if (width == picture.width() && height == picture.height()) {
            return picture;
        }
        if (filter == ResampleFilter.NEAREST) {
            return nearest(picture, width, height);
        }
        return verticalFirst(picture, width, height)
                ? across(down(picture, height, filter), width, filter)
                : down(across(picture, width, filter), height, filter);
    }

    /** Where the height loses more than twice as many pixels as the width does. */
    private static boolean verticalFirst(Picture picture, int width, int height) {
        int lost = picture.height() - height;
        return lost > 0 && lost > 2L * (picture.width() - width);
    }

    private static Picture across(Picture picture, int width, ResampleFilter filter) {
        return width == picture.width()
                ? picture
                : horizontal(picture, Weights.of(picture.width(), width, filter));
    }

    private static Picture down(Picture picture, int height, ResampleFilter filter) {
        return height == picture.height()
                ? picture
                : vertical(picture, Weights.of(picture.height(), height, filter));
    }

    private static Picture horizontal(Picture picture, Weights weights) {
        int width = weights.targets();
        byte[] from = picture.rgb();
        byte[] to = new byte[Math.multiplyExact(width * Picture.CHANNELS, picture.height())];
        int target = 0;
        for (int y = 0; y < picture.height(); y++) {
            int row = y * picture.width();
            for (int x = 0; x < width; x++) {
                int first = (row + weights.first[x]) * Picture.CHANNELS;
                for (int channel = 0; channel < Picture.CHANNELS; channel++) {
                    to[target++] = weights.apply(x, from, first + channel, Picture.CHANNELS);
                }
            }
        }
        return new Picture(width, picture.height(), to);
    }

    private static Picture vertical(Picture picture, Weights weights) {
        int stride = picture.width() * Picture.CHANNELS;
        byte[] from = picture.rgb();
        byte[] to = new byte[Math.multiplyExact(stride, weights.targets())];
        int target = 0;
        for (int y = 0; y < weights.targets(); y++) {
            int first = weights.first[y] * stride;
            for (int column = 0; column < stride; column++) {
                to[target++] = weights.apply(y, from, first + column, stride);
            }
        }
        return new Picture(picture.width(), weights.targets(), to);
    }

    private static Picture nearest(Picture picture, int width, int height) {
        int[] columns = nearest(picture.width(), width);
        int[] rows = nearest(picture.height(), height);
        byte[] to = new byte[Math.multiplyExact(width * Picture.CHANNELS, height)];
        int target = 0;
        for (int row : rows) {
            for (int column : columns) {
                int source = (row * picture.width() + column) * Picture.CHANNELS;
                for (int channel = 0; channel < Picture.CHANNELS; channel++) {
                    to[target++] = picture.rgb()[source + channel];
                }
            }
        }
        return new Picture(width, height, to);
    }

    /** Positions by repeated addition, as Pillow has them, with its rounding errors. */
    private static int[] nearest(int sources, int targets) {
        double scale = (double) sources / targets;
        double position = scale * 0.5;
        int[] nearest = new int[targets];
        for (int i = 0; i < targets; i++) {
            nearest[i] = Math.min((int) position, sources - 1);
            position += scale;
        }
        return nearest;
    }

    /**
     * For each target pixel of one axis: its first source pixel and the weights from there on.
     *
     * @param fixed weights times {@code 2^PRECISION_BITS}, rounded half away from zero
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Weights(int[] first, int[][] fixed) {
        static Weights of(int sources, int targets, ResampleFilter filter) {
            double scale = (double) sources / targets;
            double filterScale = Math.max(scale, 1);
            double support = filter.support() * filterScale;
            int[] first = new int[targets];
            int[][] fixed = new int[targets][];
            for (int target = 0; target < targets; target++) {
                double center = (target + 0.5) * scale;
                first[target] = Math.max(0, (int) (center - support + 0.5));
                int end = Math.min(sources, (int) (center + support + 0.5));
                double[] weights = new double[Math.max(0, end - first[target])];
                for (int i = 0; i < weights.length; i++) {
                    double distance = i + first[target] - center + 0.5;
                    weights[i] = filter.weight(distance * (1 / filterScale));
                }
                fixed[target] = normalized(weights);
            }
            return new Weights(first, fixed);
        }

        private static int[] normalized(double[] weights) {
            double sum = 0;
            for (double weight : weights) {
                sum += weight;
            }
            int[] fixed = new int[weights.length];
            for (int i = 0; i < fixed.length; i++) {
                double weight = (sum == 0 ? weights[i] : weights[i] / sum) * (1 << PRECISION_BITS);
                fixed[i] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
            }
            return fixed;
        }

        int targets() {
            return first.length;
        }

        byte apply(int target, byte[] from, int start, int step) {
            int sum = HALF;
            int position = start;
            for (int weight : fixed[target]) {
                sum += weight * (from[position] & 0xff);
                position += step;
            }
            return (byte) Math.clamp(sum >> PRECISION_BITS, 0, 255);
        }
    }
}
