/** Asks a server the questions of a benchmark over gRPC, scores the answers and reports. */
@NullMarked
package dev.plumbline.eval.runner;

import org.jspecify.annotations.NullMarked;
