package dev.plumbline.engine.graph;

/** The operators that we use, with the ONNX operator each becomes. */
public enum Op {
    ADD("Add"),
    SUB("Sub"),
    MUL("Mul"),
    DIV("Div"),
    MIN("Min"),
    MAX("Max"),
    LESS_OR_EQUAL("LessOrEqual"),
    /** {@code (condition, then, otherwise)}. */
    WHERE("Where"),
    NEG("Neg"),
    ABS("Abs"),
    /**
     * {@code (x [..., in], tokens [..., 1], features [in], least [])}: x where the product of its
     * token's and its feature's key, whole numbers of 32 bits that wrap around, is at least {@code
     * least}, else 0.
     */
    DROPOUT("Where"),
    /** To the nearest whole number, halves to even. */
    ROUND("Round"),
    EXP("Exp"),
    LOG("Log"),
    SIGMOID("Sigmoid"),
    SOFTPLUS("Softplus"),
    RELU("Relu"),
    /** Attribute {@code approximate}: none or tanh. */
    GELU("Gelu"),
    /** {@code x sigmoid(alpha x)}. */
    QUICK_GELU("QuickGelu", Op.MICROSOFT),
    /** The value itself, a constant to the derivative. */
    DETACH("Identity"),
    CAST("Cast"),
    /** Of the last two axes; attributes {@code transA}, {@code transB}. */
    MATMUL("FusedMatMul", Op.MICROSOFT),
    /**
     * {@code (x [..., K], blocks, scales)} with a matrix [N, K] of {@code QuantizedMatrix};
     * attributes {@code K}, {@code N}, {@code bits}, {@code block_size}, {@code accuracy_level}.
     */
    MATMUL_NBITS("MatMulNBits", Op.MICROSOFT),
    /**
     * {@code (numbers, scales, zero points)} to F32; attributes {@code axis}, {@code block_size}.
     */
    DEQUANTIZE_LINEAR("DequantizeLinear"),
    /** Over the last axis. */
    SOFTMAX("Softmax"),
    /** Over the last axis. */
    LOG_SOFTMAX("LogSoftmax"),
    /** Attributes {@code axes}, {@code keepdims}. */
    REDUCE_SUM("ReduceSum"),
    /** Attributes {@code axes}, {@code keepdims}. */
    REDUCE_MAX("ReduceMax"),
    /** Attribute {@code shape} as ONNX reads it: 0 copies, -1 is inferred. */
    RESHAPE("Reshape"),
    /** {@code (x, like)}: the elements of the one in the shape of the other. */
    RESHAPE_LIKE("Reshape"),
    /** {@code (x, like)}: broadcast to the shape of the other. */
    EXPAND_LIKE("Expand"),
    /** Zeros in the shape of the input. */
    ZEROS_LIKE("ConstantOfShape"),
    /** All axes but the last as one; attribute {@code axis}. */
    FLATTEN("Flatten"),
    /** Number of elements, an integer. */
    SIZE("Size"),
    /** Attribute {@code perm}. */
    TRANSPOSE("Transpose"),
    /** Attribute {@code axis}. */
    CONCAT("Concat"),
    /** Attributes {@code axis}, {@code start}, {@code end}. */
    SLICE("Slice"),
    /** {@code (x, indices)}: rows of the first axis. */
    GATHER("Gather"),
    /** {@code (x, indices)}: along the last axis. */
    GATHER_ELEMENTS("GatherElements"),
    /** {@code (x, indices, updates)}: along the last axis, added where indices repeat. */
    SCATTER_ELEMENTS("ScatterElements"),
    /** {@code (x, indices, updates)}: rows overwritten; indices do not repeat. */
    SCATTER_ND("ScatterND"),
    /** {@code (x, scale, bias)}; attribute {@code epsilon}. */
    LAYER_NORM("LayerNormalization"),
    /** {@code (x, scale)} to {@code (y, 1/rms)}; attribute {@code epsilon}. */
    RMS_NORM("SimplifiedLayerNormalization"),
    /** {@code (x, cos, sin [B, S, head_dim/2])}; attribute {@code num_heads}. */
    ROTARY("RotaryEmbedding"),
    /** {@code (x, w)} without padding; attribute {@code strides}. */
    CONV("Conv"),
    /**
     * {@code (q, k, v, past_key, past_value, seqlens_k, total_sequence_length)} to {@code
     * (attended, key, value)} under a causal mask; the cache is written in place.
     */
    GROUP_QUERY_ATTENTION("GroupQueryAttention", Op.MICROSOFT),
    /**
     * {@code (q, k, v [B, S, heads * head_dim], mask [B, S])} to the attended values; without a
     * mask every position looks at every other.
     */
    MULTI_HEAD_ATTENTION("MultiHeadAttention", Op.MICROSOFT);

    private static final String MICROSOFT = "com.microsoft";

    private final String onnxName;
    private final String domain;

    Op(String onnxName) {
        this(onnxName, "");
    }

    Op(String onnxName, String domain) {
        this.onnxName = onnxName;
        this.domain = domain;
    }

    public String onnxName() {
        return onnxName;
    }

    /** Empty for ONNX's own operators. */
    public String domain() {
        return domain;
    }
}
