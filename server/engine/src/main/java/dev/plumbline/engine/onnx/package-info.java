/** Graphs as ONNX bytes; the one user of the ONNX format. */
@NullMarked
package dev.plumbline.engine.onnx;

import org.jspecify.annotations.NullMarked;
