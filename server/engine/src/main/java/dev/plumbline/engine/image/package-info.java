/**
 * Pictures: hostile bytes to 8-bit RGB, and RGB to what a vision tower reads, equal to Pillow's.
 */
@NullMarked
package dev.plumbline.engine.image;

import org.jspecify.annotations.NullMarked;
