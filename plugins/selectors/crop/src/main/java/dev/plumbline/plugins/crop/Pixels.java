package dev.plumbline.plugins.crop;

import dev.plumbline.spi.Raster;
import java.util.random.RandomGenerator;

/** What can be done to a picture; each gives a new one. */
final class Pixels {
    private static final int CHANNELS = 3;

    private Pixels() {}

    static Raster crop(Raster picture, Window window) {
        byte[] rgb = new byte[CHANNELS * window.width() * window.height()];
        for (int y = 0; y < window.height(); y++) {
            int from = CHANNELS * ((window.y() + y) * picture.width() + window.x());
            int count = CHANNELS * window.width();
            System.arraycopy(picture.rgb(), from, rgb, y * count, count);
        }
        return new Raster(window.width(), window.height(), rgb);
    }

    /** All but the window black. */
    static Raster mask(Raster picture, Window window) {
        byte[] rgb = new byte[picture.rgb().length];
        for (int y = window.y(); y < window.y() + window.height(); y++) {
            int at = CHANNELS * (y * picture.width() + window.x());
            System.arraycopy(picture.rgb(), at, rgb, at, CHANNELS * window.width());
        }
        return new Raster(picture.width(), picture.height(), rgb);
    }

    /** Turned about the middle, what was outside black, nearest pixels. */
    static Raster rotate(Raster picture, double angle) {
        int width = picture.width();
        int height = picture.height();
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        byte[] rgb = new byte[picture.rgb().length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double dx = x - (width - 1) / 2.0;
                double dy = y - (height - 1) / 2.0;
                long fromX = Math.round(cos * dx + sin * dy + (width - 1) / 2.0);
                long fromY = Math.round(cos * dy - sin * dx + (height - 1) / 2.0);
                if (fromX >= 0 && fromX < width && fromY >= 0 && fromY < height) {
                    int from = CHANNELS * (int) (fromY * width + fromX);
                    System.arraycopy(
                            picture.rgb(), from, rgb, CHANNELS * (y * width + x), CHANNELS);
                }
            }
        }
        return new Raster(width, height, rgb);
    }

    /** Means over {@code 2 radius + 1} pixels each way, cut at the border, taken three times. */
    static Raster blur(Raster picture, int radiusAcross, int radiusDown) {
        byte[] rgb = picture.rgb();
        for (int pass = 0; pass < 3; pass++) {
            rgb = means(rgb, picture.width(), picture.height(), radiusAcross, true);
            rgb = means(rgb, picture.width(), picture.height(), radiusDown, false);
        }
        return new Raster(picture.width(), picture.height(), rgb);
    }

    private static byte[] means(byte[] rgb, int width, int height, int radius, boolean across) {
        byte[] out = new byte[rgb.length];
        int lines = across ? height : width;
        int length = across ? width : height;
        int step = CHANNELS * (across ? 1 : width);
        int next = CHANNELS * (across ? width : 1);
        for (int line = 0; line < lines; line++) {
            for (int channel = 0; channel < CHANNELS; channel++) {
                int start = line * next + channel;
                long sum = 0;
                for (int i = 0; i < Math.min(radius, length); i++) {
                    sum += rgb[start + i * step] & 0xff;
                }
                for (int i = 0; i < length; i++) {
                    if (i + radius < length) {
                        sum += rgb[start + (i + radius) * step] & 0xff;
                    }
                    if (i - radius > 0) {
                        sum -= rgb[start + (i - radius - 1) * step] & 0xff;
                    }
                    int count = Math.min(length - 1, i + radius) - Math.max(0, i - radius) + 1;
                    out[start + i * step] = (byte) Math.round((double) sum / count);
                }
            }
        }
        return out;
    }

    /** Black, but for one pixel that is not quite, so that no two are the same file. */
    static Raster black(Raster picture, RandomGenerator random) {
        byte[] rgb = new byte[picture.rgb().length];
        rgb[random.nextInt(rgb.length)] = 1;
        return new Raster(picture.width(), picture.height(), rgb);
    }
}
