@NullMarked
package dev.plumbline.plugins.mdpo;

import org.jspecify.annotations.NullMarked;
