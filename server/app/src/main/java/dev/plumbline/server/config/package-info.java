/** Every setting of the server, and the one place where the environment is read. */
@NullMarked
package dev.plumbline.server.config;

import org.jspecify.annotations.NullMarked;
