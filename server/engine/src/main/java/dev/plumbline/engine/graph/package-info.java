/** Our intermediate representation: typed values, one builder, a verifier, a text dump. */
@NullMarked
package dev.plumbline.engine.graph;

import org.jspecify.annotations.NullMarked;
