/** Negatives that are the row's own picture under noise. */
@NullMarked
package dev.plumbline.plugins.noise;

import org.jspecify.annotations.NullMarked;
