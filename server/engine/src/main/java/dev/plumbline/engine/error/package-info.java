/** The one exception that reaches users: a leaf that every other package may import. */
@NullMarked
package dev.plumbline.engine.error;

import org.jspecify.annotations.NullMarked;
