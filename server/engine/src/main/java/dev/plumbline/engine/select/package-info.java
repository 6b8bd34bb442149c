/** Candidate pools, and what selectors are given. */
@NullMarked
package dev.plumbline.engine.select;

import org.jspecify.annotations.NullMarked;
