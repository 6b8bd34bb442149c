/** Formats and scorers of hallucination benchmarks: pure functions of text. */
@NullMarked
package dev.plumbline.eval.benchmarks;

import org.jspecify.annotations.NullMarked;
