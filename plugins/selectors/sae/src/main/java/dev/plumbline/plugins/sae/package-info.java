/** Negatives that a sparse autoencoder finds telling and diverse. */
@NullMarked
package dev.plumbline.plugins.sae;

import org.jspecify.annotations.NullMarked;
