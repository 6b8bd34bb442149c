/** Reverse mode: a table of rules and one driver, from graph to graph. */
@NullMarked
package dev.plumbline.engine.autodiff;

import org.jspecify.annotations.NullMarked;
