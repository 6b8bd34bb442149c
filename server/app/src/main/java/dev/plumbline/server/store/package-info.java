/** What outlives the process: runs, as folders that are written atomically. */
@NullMarked
package dev.plumbline.server.store;

import org.jspecify.annotations.NullMarked;
