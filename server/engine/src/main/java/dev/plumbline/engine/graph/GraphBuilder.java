package dev.plumbline.engine.graph;

import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A graph under construction. Operators are applied by {@link MathOps}, {@link ShapeOps} and {@link
 * NeuralOps}; every value has its type and dims as soon as it is made.
 */
public final class GraphBuilder {
    private final String name;
    private final String prefix;
    private final List<Value> inputs = new ArrayList<>();
    private final Map<String, Value> weights = new LinkedHashMap<>();
    private final Map<Value, Tensor> constants = new LinkedHashMap<>();
    private final Map<String, Value> scalars = new LinkedHashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final List<Value> outputs = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    public GraphBuilder(String name) {
        this(name, "");
    }

    /**
     * @param prefix of the names that are made up, so that they are none of a copied graph's
     */
    GraphBuilder(String name, String prefix) {
        this.name = name;
        this.prefix = prefix;
    }

    /** A tensor that is fed at every run. */
    public Value input(String inputName, DType dtype, List<Dim> dims) {
        Value value = new Value(this, claim(inputName), dtype, dims);
        inputs.add(value);
        return value;
    }

    /** A tensor of the checkpoint by its name; asked for twice, it is the same value. */
    public Value weight(String weightName, DType dtype, Shape shape) {
        return weights.computeIfAbsent(
                weightName,
                key -> new Value(this, claim(key), dtype, Dim.shape(shape.sizes().toArray())));
    }

    /** A small tensor that travels with the graph. */
    public Value constant(Tensor tensor) {
        return constant(fresh("constant"), tensor);
    }

    private Value constant(String constantName, Tensor tensor) {
        Value value =
                new Value(
                        this,
                        constantName,
                        tensor.dtype(),
                        Dim.shape(tensor.shape().sizes().toArray()));
        constants.put(value, tensor);
        return value;
    }

    /** A number of type F32; equal numbers are one constant. */
    public Value constant(double number) {
        float rounded = (float) number;
        return scalars.computeIfAbsent(
                "f" + rounded, key -> constant(Tensor.of(Shape.of(), rounded)));
    }

    /** A number of type F32 or F64; equal numbers are one constant. */
    public Value constant(double number, DType dtype) {
        return dtype == DType.F64
                ? scalars.computeIfAbsent(
                        "d" + number, key -> constant(Tensor.ofDoubles(Shape.of(), number)))
                : constant(number);
    }

    /** A vector of whole numbers of type I64. */
    public Value constant(List<Long> numbers) {
        return scalars.computeIfAbsent(
                "i" + numbers,
                key ->
                        constant(
                                Tensor.of(
                                        Shape.of(numbers.size()),
                                        numbers.stream().mapToLong(Long::longValue).toArray())));
    }

    /** How many operators there are so far. */
    public int size() {
        return nodes.size();
    }

    /** The only output of an operator. */
    public Value apply(Op op, List<Value> in, Attributes attributes) {
        return applyAll(op, in, attributes).getFirst();
    }

    /** All outputs of an operator. */
    public List<Value> applyAll(Op op, List<Value> in, Attributes attributes) {
        return applyAll(op, in, attributes, List.of());
    }

    /** All outputs of an operator, the first ones under given names. */
    public List<Value> applyAll(
            Op op, List<Value> in, Attributes attributes, List<String> outputNames) {
        List<Value> out = new ArrayList<>();
        for (Inference.Type type : Inference.infer(op, in, attributes)) {
            String valueName =
                    out.size() < outputNames.size()
                            ? claim(outputNames.get(out.size()))
                            : fresh(op.name().toLowerCase(Locale.ROOT));
            out.add(new Value(this, valueName, type.dtype(), type.dims()));
        }
        return add(new Node(op, in, out, attributes)).outputs();
    }

    /** A node once more, on other values of the same types and dims. */
    public List<Value> repeat(Node node, List<Value> in) {
        List<Value> out =
                node.outputs().stream()
                        .map(value ->
                                new Value(
                                        this,
                                        fresh(node.op().name().toLowerCase(Locale.ROOT)),
                                        value.dtype(),
                                        value.dims()))
                        .toList();
        return add(new Node(node.op(), in, out, node.attributes())).outputs();
    }

    /** The output of a reshape, whose dims cannot be inferred from its inputs. */
    Value reshape(Value x, List<Dim> dims, List<Long> shape) {
        Value out = new Value(this, fresh("reshape"), x.dtype(), dims);
        return add(new Node(Op.RESHAPE, List.of(x), List.of(out), Attributes.of("shape", shape)))
                .output();
    }

    /** A constant of another graph, under the name that it has there. */
    Value copy(Value value, Tensor tensor) {
        return constant(claim(value.name()), tensor);
    }

    /** A node of another graph, with outputs of the same names. */
    List<Value> copy(Node node, List<Value> in) {
        List<Value> out = new ArrayList<>();
        for (Value value : node.outputs()) {
            out.add(new Value(this, claim(value.name()), value.dtype(), value.dims()));
        }
        return add(new Node(node.op(), in, out, node.attributes())).outputs();
    }

    /** Makes a value an output under a name of its own. */
    public void output(String outputName, Value value) {
        Value out = new Value(this, claim(outputName), value.dtype(), value.dims());
        add(new Node(Op.DETACH, List.of(value), List.of(out), Attributes.NONE));
        outputs.add(out);
    }

    /** Makes a value an output under the name that it has, without a copy. */
    public void output(Value value) {
        outputs.add(value);
    }

    /** What has been added so far, in order. */
    public List<Node> nodes() {
        return List.copyOf(nodes);
    }

    /** The finished, verified graph, without the nodes and weights that no output needs. */
    public Graph build() {
        List<Node> needed = needed();
        Set<Value> used = new HashSet<>(outputs);
        needed.forEach(node -> used.addAll(node.inputs()));
        List<Value> read = weights.values().stream().filter(used::contains).toList();
        Graph graph = new Graph(name, inputs, read, constants, needed, outputs);
        Verifier.verify(graph);
        return graph;
    }

    private List<Node> needed() {
        Set<Value> wanted = new HashSet<>(outputs);
        List<Node> needed = new ArrayList<>();
        for (Node node : nodes.reversed()) {
            if (node.outputs().stream().anyMatch(wanted::contains)) {
                wanted.addAll(node.inputs());
                needed.add(node);
            }
        }
        return needed.reversed();
    }

    private Node add(Node node) {
        for (Value input : node.inputs()) {
            if (input.builder() != this) {
                throw new IllegalArgumentException(input + " belongs to another graph");
            }
        }
        nodes.add(node);
        return node;
    }

    private String claim(String wanted) {
        if (!names.add(wanted)) {
            throw new IllegalArgumentException(
                    "the graph has a value named " + wanted + " already");
        }
        return wanted;
    }

    private String fresh(String stem) {
        return claim(prefix + stem + "_" + names.size());
    }
}
