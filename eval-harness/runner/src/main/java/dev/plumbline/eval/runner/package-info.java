/** Asks a server the questions of a benchmark over gRPC and scores the answers. */
@NullMarked
package dev.plumbline.eval.runner;

import org.jspecify.annotations.NullMarked;
