/** The command line: a gRPC client like any other. */
@NullMarked
package dev.plumbline.cli;

import org.jspecify.annotations.NullMarked;
