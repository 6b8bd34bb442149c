package dev.plumbline.plugins.crop;

import dev.plumbline.spi.Raster;
import java.util.random.RandomGenerator;

/** A part of a picture, in pixels. */
record Window(int x, int y, int width, int height) {
    /**
     * One of the picture's own shape somewhere in it, whose area is uniform up to a share of the
     * picture's, at least one pixel.
     */
    static Window random(Raster picture, double mostShare, RandomGenerator random) {
        double side = Math.sqrt(mostShare * random.nextDouble());
        int width = Math.clamp(Math.round(side * picture.width()), 1, picture.width());
        int height = Math.clamp(Math.round(side * picture.height()), 1, picture.height());
        return new Window(
                random.nextInt(picture.width() - width + 1),
                random.nextInt(picture.height() - height + 1),
                width,
                height);
    }

    boolean contains(int px, int py) {
        return px >= x && px < x + width && py >= y && py < y + height;
    }
}
