/** Rows of preference data sets. */
@NullMarked
package dev.plumbline.engine.data;

import org.jspecify.annotations.NullMarked;
