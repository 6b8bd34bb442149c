package dev.plumbline.engine.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GraphBuilderTest {
    private final GraphBuilder builder = new GraphBuilder("test");

    @Test
    void equalNumbersAndWeightsAreOneValue() {
        assertThat(builder.constant(0.5)).isSameAs(builder.constant(0.5));
        assertThat(builder.constant(0.5)).isNotSameAs(builder.constant(-0.5));
        assertThat(builder.constant(List.of(1L))).isSameAs(builder.constant(List.of(1L)));
        Value weight = builder.weight("w", DType.F32, Shape.of(2));
        assertThat(builder.weight("w", DType.F32, Shape.of(2))).isSameAs(weight);
    }

    @Test
    void namesAreUnique() {
        builder.input("x", DType.F32, Dim.shape(1));
        assertThatThrownBy(() -> builder.input("x", DType.F32, Dim.shape(2)))
                .hasMessageContaining("x");
    }

    @Test
    void aValueOfAnotherGraphIsRefused() {
        Value x = builder.input("x", DType.F32, Dim.shape(1));
        Value stranger = new GraphBuilder("other").input("y", DType.F32, Dim.shape(1));
        assertThatThrownBy(() -> MathOps.add(x, stranger))
                .hasMessageContaining("y: F32[1] belongs to another graph");
    }

    @Test
    void theVerifierNamesWhatIsWrong() {
        Value x = builder.input("x", DType.F32, Dim.shape(2));
        Value y = MathOps.exp(x);
        Value z = MathOps.neg(y);
        Node exp = builder.nodes().get(0);
        Node neg = builder.nodes().get(1);
        assertThat(graph(List.of(exp, neg), z).outputNames()).containsExactly(z.name());
        refused(List.of(neg, exp), z, "NEG reads " + y + " too early");
        refused(List.of(exp, exp), y, "EXP makes " + y + " again");
        refused(List.of(exp), z, "nothing makes the output " + z);
        assertThatThrownBy(() -> graph(List.of(exp))).hasMessage("graph g: no output");
        Node wrong = new Node(Op.SIZE, List.of(x), List.of(y), Attributes.NONE);
        refused(List.of(wrong), y, "SIZE does not make " + y);
    }

    private static Graph graph(List<Node> nodes, Value... outputs) {
        List<Value> inputs =
                nodes.stream()
                        .filter(node -> node.op() != Op.NEG)
                        .map(node -> node.input(0))
                        .distinct()
                        .toList();
        Graph graph = new Graph("g", inputs, List.of(), Map.of(), nodes, List.of(outputs));
        Verifier.verify(graph);
        return graph;
    }

    private static void refused(List<Node> nodes, Value output, String message) {
        assertThatThrownBy(() -> graph(nodes, output)).hasMessage("graph g: " + message);
    }

    @Test
    void theTextHasALineForEachValue() {
        Value x = builder.input("x", DType.F32, Dim.shape("B", 2));
        Value w = builder.weight("w", DType.F32, Shape.of(3, 2));
        builder.constant(Tensor.of(Shape.of(1), 7L));
        builder.output("y", NeuralOps.linear(x, w));
        assertThat(TextDump.of(builder.build()))
                .isEqualTo(
                        """
                        graph test
                        input x: F32[B, 2]
                        weight w: F32[3, 2]
                        constant constant_2: I64[1]
                        matmul_3: F32[B, 3] = MATMUL(x, w) {transA=0, transB=1}
                        y: F32[B, 3] = DETACH(matmul_3)
                        output y
                        """);
    }
}
