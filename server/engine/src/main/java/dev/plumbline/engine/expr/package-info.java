/** The SPI's expressions on our graph, differentiated and run. */
@NullMarked
package dev.plumbline.engine.expr;

import org.jspecify.annotations.NullMarked;
