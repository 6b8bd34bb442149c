/** Asks whoever answers the questions of a benchmark, several at once, and scores the answers. */
@NullMarked
package dev.plumbline.eval.runner;

import org.jspecify.annotations.NullMarked;
