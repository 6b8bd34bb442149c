package dev.plumbline.engine.runtime;

/**
 * The functions of ONNX Runtime's C API that are in use: slot in the table, parameters, and what
 * the function does, in words that complete "ONNX Runtime could not ...". Slots are those of {@code
 * OrtApi} in version 1.29; the table is only ever appended to.
 */
enum OrtFunction {
    GET_ERROR_MESSAGE(2, Signature.TEXT_P, "tell its error"),
    RELEASE_STATUS(93, Signature.VOID_P, "release a status"),

    CREATE_THREADING_OPTIONS(121, Signature.P, "make thread options"),
    SET_GLOBAL_INTRA_OP_NUM_THREADS(147, Signature.PI, "set the number of threads"),
    SET_GLOBAL_INTER_OP_NUM_THREADS(148, Signature.PI, "set the number of threads"),
    SET_GLOBAL_SPIN_CONTROL(149, Signature.PI, "set how threads wait"),
    RELEASE_THREADING_OPTIONS(122, Signature.VOID_P, "release thread options"),
    CREATE_ENV_WITH_GLOBAL_THREAD_POOLS(119, Signature.IPPP, "start its threads"),
    RELEASE_ENV(92, Signature.VOID_P, "release its threads"),

    CREATE_CPU_MEMORY_INFO(69, Signature.IIP, "describe main memory"),
    RELEASE_MEMORY_INFO(94, Signature.VOID_P, "release a description of memory"),
    GET_ALLOCATOR_WITH_DEFAULT_OPTIONS(78, Signature.P, "give its allocator"),
    ALLOCATOR_FREE(76, Signature.PP, "free memory"),

    CREATE_SESSION_OPTIONS(10, Signature.P, "make session options"),
    ENABLE_PROFILING(14, Signature.PP, "write profiles"),
    DISABLE_MEM_PATTERN(17, Signature.P, "set a session option"),
    SET_SESSION_GRAPH_OPTIMIZATION_LEVEL(23, Signature.PI, "set a session option"),
    DISABLE_PER_SESSION_THREADS(120, Signature.P, "set a session option"),
    ADD_SESSION_CONFIG_ENTRY(130, Signature.PPP, "set a session option"),
    ADD_INITIALIZER(150, Signature.PPP, "take a weight"),
    RELEASE_SESSION_OPTIONS(100, Signature.VOID_P, "release session options"),

    CREATE_PREPACKED_WEIGHTS_CONTAINER(166, Signature.P, "make room for packed weights"),
    RELEASE_PREPACKED_WEIGHTS_CONTAINER(167, Signature.VOID_P, "release packed weights"),

    CREATE_SESSION_FROM_ARRAY(8, Signature.PPLPP, "load a graph"),
    CREATE_SESSION_FROM_ARRAY_WITH_PREPACKED_WEIGHTS_CONTAINER(
            169, Signature.PPLPPP, "load a graph"),
    SESSION_GET_INPUT_COUNT(30, Signature.PP, "count a graph's inputs"),
    SESSION_GET_OUTPUT_COUNT(31, Signature.PP, "count a graph's outputs"),
    SESSION_GET_INPUT_NAME(36, Signature.PLPP, "name a graph's input"),
    SESSION_GET_OUTPUT_NAME(37, Signature.PLPP, "name a graph's output"),
    RELEASE_SESSION(95, Signature.VOID_P, "release a graph"),

    CREATE_RUN_OPTIONS(39, Signature.P, "make run options"),
    RUN_OPTIONS_SET_RUN_LOG_SEVERITY_LEVEL(41, Signature.PI, "set a run option"),
    RUN_OPTIONS_SET_TERMINATE(46, Signature.P, "stop a run"),
    RELEASE_RUN_OPTIONS(97, Signature.VOID_P, "release run options"),
    RUN(9, Signature.PPPPLPLP, "run a graph"),

    CREATE_IO_BINDING(134, Signature.PP, "make a binding"),
    BIND_INPUT(136, Signature.PPP, "bind an input"),
    BIND_OUTPUT(137, Signature.PPP, "bind an output"),
    BIND_OUTPUT_TO_DEVICE(138, Signature.PPP, "bind an output"),
    RUN_WITH_BINDING(133, Signature.PPP, "run a graph"),
    GET_BOUND_OUTPUT_VALUES(140, Signature.PPPP, "give a binding's outputs"),
    RELEASE_IO_BINDING(135, Signature.VOID_P, "release a binding"),

    CREATE_TENSOR_WITH_DATA_AS_ORT_VALUE(49, Signature.PPLPLIP, "take a tensor"),
    GET_TENSOR_MUTABLE_DATA(51, Signature.PP, "give a tensor's memory"),
    GET_TENSOR_TYPE_AND_SHAPE(65, Signature.PP, "describe a tensor"),
    GET_TENSOR_ELEMENT_TYPE(60, Signature.PP, "give a tensor's type"),
    GET_DIMENSIONS_COUNT(61, Signature.PP, "count a tensor's dimensions"),
    GET_DIMENSIONS(62, Signature.PPL, "give a tensor's dimensions"),
    RELEASE_TENSOR_TYPE_AND_SHAPE_INFO(99, Signature.VOID_P, "release a tensor's description"),
    RELEASE_VALUE(96, Signature.VOID_P, "release a tensor");

    private final int slot;
    private final Signature signature;
    private final String task;

    OrtFunction(int slot, Signature signature, String task) {
        this.slot = slot;
        this.signature = signature;
        this.task = task;
    }

    int slot() {
        return slot;
    }

    Signature signature() {
        return signature;
    }

    /** What it does, after "ONNX Runtime could not". */
    String task() {
        return task;
    }
}
