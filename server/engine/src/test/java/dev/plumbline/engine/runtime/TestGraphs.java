package dev.plumbline.engine.runtime;

import dev.plumbline.engine.runtime.OnnxBytes.Attribute;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import java.util.List;

/** The graphs that the tests run. */
final class TestGraphs {
    private TestGraphs() {}

    /** y = a + b for vectors of any length n. */
    static byte[] add() {
        return new OnnxBytes()
                .node("Add", List.of("a", "b"), List.of("y"))
                .input("a", DType.F32, "n")
                .input("b", DType.F32, "n")
                .output("y", DType.F32, "n")
                .model();
    }

    /** y = x w for x of [n, 2] and an external w of [2, 3]. */
    static byte[] matrixProduct() {
        return new OnnxBytes()
                .node("MatMul", List.of("x", "w"), List.of("y"))
                .weight("w", DType.F32, Shape.of(2, 3))
                .input("x", DType.F32, "n", 2)
                .output("y", DType.F32, "n", 3)
                .model();
    }

    /** y = (x a) b, as LoRA has it, for a of [4, rank] and b of [rank, 3]. */
    static byte[] lowRank() {
        return new OnnxBytes()
                .node("MatMul", List.of("x", "a"), List.of("low"))
                .node("MatMul", List.of("low", "b"), List.of("y"))
                .input("x", DType.F32, "n", 4)
                .input("a", DType.F32, 4, "rank")
                .input("b", DType.F32, "rank", 3)
                .output("y", DType.F32, "n", 3)
                .model();
    }

    /** y = x taken through {@code count} rounds of x = cos(x). */
    static byte[] loop() {
        OnnxBytes body =
                new OnnxBytes()
                        .node("Identity", List.of("on"), List.of("go_on"))
                        .node("Cos", List.of("before"), List.of("after"))
                        .input("round", DType.I64)
                        .input("on", DType.BOOL)
                        .input("before", DType.F32, "n")
                        .output("go_on", DType.BOOL)
                        .output("after", DType.F32, "n");
        return new OnnxBytes()
                .node("Loop", List.of("count", "", "x"), List.of("y"), Attribute.of("body", body))
                .input("count", DType.I64)
                .input("x", DType.F32, "n")
                .output("y", DType.F32, "n")
                .model();
    }
}
