@NullMarked
package dev.plumbline.plugins.chip;

import org.jspecify.annotations.NullMarked;
