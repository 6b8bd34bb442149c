/** Negatives that look like the row's own picture. */
@NullMarked
package dev.plumbline.plugins.similarity;

import org.jspecify.annotations.NullMarked;
