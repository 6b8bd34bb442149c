@NullMarked
package dev.plumbline.plugins.dpo;

import org.jspecify.annotations.NullMarked;
