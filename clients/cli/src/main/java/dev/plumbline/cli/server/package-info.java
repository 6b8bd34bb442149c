/** The server that a command talks to: one that answers, or a child process of our own. */
@NullMarked
package dev.plumbline.cli.server;

import org.jspecify.annotations.NullMarked;
