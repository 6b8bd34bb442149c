/** Generation: the cache, sampling, text piece by piece. */
@NullMarked
package dev.plumbline.engine.generate;

import org.jspecify.annotations.NullMarked;
