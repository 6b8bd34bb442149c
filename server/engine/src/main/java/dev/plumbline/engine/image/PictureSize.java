package dev.plumbline.engine.image;

/**
 * How large a picture is, standing upright.
 *
 * @param width in pixels
 * @param height in pixels
 */
public record PictureSize(int width, int height) {}
