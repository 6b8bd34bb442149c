/** Negatives that are the row's own picture, spoilt. */
@NullMarked
package dev.plumbline.plugins.crop;

import org.jspecify.annotations.NullMarked;
