/**
 * {@code ./plumbline demo}: the whole line once, from a checkpoint to a model that hallucinates
 * less.
 */
@NullMarked
package dev.plumbline.cli.demo;

import org.jspecify.annotations.NullMarked;
