/** Model families: from a configuration to graphs, over shared blocks. */
@NullMarked
package dev.plumbline.engine.model;

import org.jspecify.annotations.NullMarked;
