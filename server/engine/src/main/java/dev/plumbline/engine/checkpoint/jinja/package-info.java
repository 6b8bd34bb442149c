/**
 * An interpreter of the part of Jinja that chat templates use, set up as transformers sets it up:
 * {@code trim_blocks}, {@code lstrip_blocks}, loop controls, {@code generation} blocks, nothing
 * that changes what it is given. Values are the records and enums here, {@link java.lang.Long},
 * {@link java.lang.Double}, {@link java.lang.Boolean}, {@link java.lang.String}, lists and maps;
 * never null.
 */
@NullMarked
package dev.plumbline.engine.checkpoint.jinja;

import org.jspecify.annotations.NullMarked;
