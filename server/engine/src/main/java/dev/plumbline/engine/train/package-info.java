/** LoRA training: losses, gradients in micro-batches, the optimizer, runs. */
@NullMarked
package dev.plumbline.engine.train;

import org.jspecify.annotations.NullMarked;
